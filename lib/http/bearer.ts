/**
 * Bearer tokens (RFC 6750).
 *
 * @module
 */

import type { Fields } from "../protocol/http_error.ts";

/**
 * The token of `Authorization: Bearer …` (RFC 6750 §2.1).
 *
 * @param headers the request's fields
 * @returns `undefined` where there is none
 */
export function bearerToken(headers: Fields): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/**
 * The one token of a request.
 *
 * @param headers the request's fields
 * @param query its parameters, where `token` may be one
 * @returns `undefined` where there is none; null where there are several, or one
 * that is malformed, which RFC 6750 §3.1 calls an invalid request
 */
export function credential(
  headers: Fields,
  query?: URLSearchParams,
): string | null | undefined {
  const tokens = query?.getAll("token") ?? [];
  const authorization = headers.get("authorization");
  if (tokens.length > 1) return null;
  if (authorization === null) return tokens[0];
  if (tokens.length === 1) return null;
  if (!/^Bearer(?: |$)/i.test(authorization)) return undefined;
  return bearerToken(headers) ?? null;
}
