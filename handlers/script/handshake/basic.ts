/**
 * The Basic scheme ({@link https://www.rfc-editor.org/rfc/rfc7617 | RFC 7617}).
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { REALM } from "./credentials.ts";
import type { Credentials } from "./credentials.ts";

/** The `WWW-Authenticate` of the scheme (§2, §2.1). */
export const BASIC_CHALLENGE: string =
  `Basic realm="${REALM}", charset="UTF-8"`;

const encoder = new TextEncoder();

/**
 * Whether an `Authorization` has the credentials (§2).
 *
 * @param authorization the field's value
 * @param credentials the right ones
 */
export function isBasicRight(
  authorization: string,
  { user, password }: Credentials,
): boolean {
  const given = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (given === undefined) return false;
  const right = encoder.encode(`${user}:${password}`).toBase64();
  const [one, other] = [encoder.encode(given), encoder.encode(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
