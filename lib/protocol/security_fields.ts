/**
 * Header fields that restrict what browsers do with a response.
 *
 * @module
 */

/** Fields of a response, unless its handler sets them. */
const DEFAULTS: readonly (readonly [name: string, value: string])[] = [
  // Browsers do not guess another media type.
  ["x-content-type-options", "nosniff"],
  // A response is not run, loads nothing and is not framed. It may connect, for the
  // developer tools of a browser in which a user tries the service.
  [
    "content-security-policy",
    "default-src 'none'; connect-src 'self' ws: wss:; frame-ancestors 'none'",
  ],
  // A URL may contain a token.
  ["referrer-policy", "no-referrer"],
  // Pages of other origins cannot load it as an image or a script.
  ["cross-origin-resource-policy", "same-origin"],
];

/**
 * Adds the missing security fields.
 *
 * @param headers of a response other than 101
 */
export function addSecurityFields(headers: Headers): void {
  for (const [name, value] of DEFAULTS) {
    if (!headers.has(name)) headers.set(name, value);
  }
}

/**
 * Adds the missing security fields to a response.
 *
 * @param response of another status than 101
 * @returns a copy if the fields of the response are immutable, as those of
 * `Response.redirect()` and `fetch()` are
 */
export function withSecurityFields(response: Response): Response {
  try {
    addSecurityFields(response.headers);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    addSecurityFields(copy.headers);
    return copy;
  }
}
