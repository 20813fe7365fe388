/**
 * `Sec-WebSocket-Accept`, the server's answer to a client's key.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** {@link https://www.rfc-editor.org/rfc/rfc6455#section-1.3 | RFC 6455 §1.3}. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Computes `Sec-WebSocket-Accept`
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}).
 *
 * @param key the client's `Sec-WebSocket-Key`
 */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}
