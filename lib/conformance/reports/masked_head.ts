/**
 * Masks the secrets of a request head: reports are public.
 *
 * @module
 */

import { maskField, maskUrl } from "../../http/secret_masking.ts";

/** Characters of a head that are shown. */
const MAX_LENGTH = 4096;

/** The key is no secret, in spite of its name (RFC 6455 §11.3.1). */
const PUBLIC_FIELD = /^sec-websocket-/i;

/**
 * Masks tokens, cookies and passwords.
 *
 * @param head the request line and the fields
 */
export function maskedHead(head: string): string {
  const [first = "", ...fields] = head.slice(0, MAX_LENGTH).split("\r\n");
  const masked = fields.map((field) => {
    const colon = field.indexOf(":");
    if (colon < 0) return maskUrl(field);
    const name = field.slice(0, colon);
    if (PUBLIC_FIELD.test(name)) return field;
    const value = field.slice(colon + 1).trim();
    return `${name}: ${maskField(name, value)}`;
  });
  const end = head.length > MAX_LENGTH ? " ..." : "";
  return [maskUrl(first), ...masked].join("\r\n") + end;
}
