/**
 * Bearer tokens (RFC 6750).
 *
 * @module
 */

import type { Fields } from "./http_error.ts";

/**
 * The token of `Authorization: Bearer …` (RFC 6750 §2.1).
 *
 * @param headers the request's fields
 * @returns `undefined` where there is none
 */
export function bearerToken(headers: Fields): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}
