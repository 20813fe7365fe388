/**
 * Request targets (RFC 9112 §3.2) as received: routes match the path before a URL parser
 * normalizes it.
 *
 * @module
 */

/** Scheme and authority; for a URL parser, a backslash ends the authority, too. */
const ORIGIN = /^(?:https?|wss?):\/\/[^/?#\\]+/i;

/**
 * Returns the path and query of a request target, or of a request's URL, unchanged.
 *
 * @param target in origin or absolute form
 * @returns `undefined` if it is neither a path nor an http or ws URL, or has a fragment
 */
export function originForm(target: string): string | undefined {
  const origin = target.startsWith("/") ? "" : ORIGIN.exec(target)?.[0];
  if (origin === undefined || target.includes("#")) return undefined;
  const rest = target.slice(origin.length);
  if (rest.startsWith("/")) return rest;
  // An absolute URL may omit an empty path (RFC 3986 §6.2.3).
  return rest === "" || rest.startsWith("?") ? `/${rest}` : undefined;
}

/**
 * Returns the path of a target in origin form, unchanged.
 *
 * @param target by {@linkcode originForm}
 */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
