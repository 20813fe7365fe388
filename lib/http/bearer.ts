/**
 * Bearer tokens of requests (RFC 6750).
 *
 * @module
 */

import type { Fields } from "../protocol/http_error.ts";

/**
 * Returns the token of a request: from `Authorization: Bearer …` (RFC 6750 §2.1), or
 * from the query parameter `token`.
 *
 * @param query the request's query
 * @param inQuery whether it may have the token
 * @returns `undefined` if there is no token; null if there are several or it is
 * malformed, which is an invalid request (RFC 6750 §3.1)
 */
export function credential(
  headers: Fields,
  query: URLSearchParams,
  inQuery: boolean,
): string | null | undefined {
  const tokens = query.getAll("token");
  const authorization = headers.get("authorization");
  if (tokens.length > 1) return null;
  if (authorization === null) return inQuery ? tokens[0] : undefined;
  if (tokens.length === 1) return null;
  if (!/^Bearer(?: |$)/i.test(authorization)) {
    // Several fields arrive as one, with commas.
    return /, *Bearer /i.test(authorization) ? null : undefined;
  }
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? null;
}
