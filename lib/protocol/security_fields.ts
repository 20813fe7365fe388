/**
 * Header fields that keep browsers from doing harm with an answer.
 *
 * @module
 */

/** What an answer has unless its handler knows better. */
const DEFAULTS: readonly (readonly [name: string, value: string])[] = [
  // An answer is what it says it is, and no page is made of it by guesswork.
  ["x-content-type-options", "nosniff"],
  // An answer that is no page runs nothing, loads nothing and is framed by nobody.
  // It may connect: only a developer's own tools could, who try the service out.
  [
    "content-security-policy",
    "default-src 'none'; connect-src 'self' ws: wss:; frame-ancestors 'none'",
  ],
  // A URL may hold a token, which is nobody else's business.
  ["referrer-policy", "no-referrer"],
  // Pages of others do not get it as an image or a script, whatever is in it.
  ["cross-origin-resource-policy", "same-origin"],
];

/**
 * Adds what is missing.
 *
 * @param headers of an answer that is no upgrade
 */
export function addSecurityFields(headers: Headers): void {
  for (const [name, value] of DEFAULTS) {
    if (!headers.has(name)) headers.set(name, value);
  }
}
