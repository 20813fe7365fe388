/**
 * `Sec-WebSocket-Accept`, the server's answer to a client's key.
 *
 * @module
 */

import { sha1 } from "../../protocol/sha1.ts";

/** {@link https://www.rfc-editor.org/rfc/rfc6455#section-1.3 | RFC 6455 §1.3}. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Computes `Sec-WebSocket-Accept`
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}).
 *
 * @param key the client's `Sec-WebSocket-Key`
 */
export function acceptKey(key: string): string {
  return base64(sha1(key + GUID));
}

const DIGITS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The base64 form (RFC 4648 §4) of five words, which are 26 digits, four bits and a `=`. */
function base64(words: Int32Array): string {
  let text = "";
  for (let bit = 0; bit < 160; bit += 6) {
    const word = words[bit >> 5]!;
    const left = 26 - (bit & 31);
    const digit = left >= 0
      ? word >>> left
      : word << -left | (words[(bit >> 5) + 1] ?? 0) >>> 32 + left;
    text += DIGITS[digit & 63];
  }
  return `${text}=`;
}
