/**
 * Request targets as they were sent (RFC 9112 §3.2), before a URL parser changes
 * them: routes are matched by what the client wrote.
 *
 * @module
 */

/** Scheme and authority. A URL parser ends the authority at a backslash, too. */
const ORIGIN = /^(?:https?|wss?):\/\/[^/?#\\]+/i;

/**
 * The path and query of a request target or of a request's URL, unchanged.
 *
 * @param target in origin or absolute form
 * @returns `undefined` where it is neither a path nor an http or ws URL, or has a
 * fragment, which no target has
 */
export function originForm(target: string): string | undefined {
  const origin = target.startsWith("/") ? "" : ORIGIN.exec(target)?.[0];
  if (origin === undefined || target.includes("#")) return undefined;
  const rest = target.slice(origin.length);
  if (rest.startsWith("/")) return rest;
  // An absolute URL may leave an empty path out (RFC 3986 §6.2.3).
  return rest === "" || rest.startsWith("?") ? `/${rest}` : undefined;
}

/**
 * The path of a target in origin form, unchanged.
 *
 * @param target by {@linkcode originForm}
 */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
