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
