/**
 * A message in fragments of a size.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import type { Connection, Frame } from "../../lib/websocket.ts";

/** Fragments of one message at most. */
export const MAX_FRAGMENTS = 16_384;

/**
 * Sends a message as TEXT or BINARY, CONTINUATION, …, the last with FIN. One that
 * would make too many fragments closes the connection with 1009 instead.
 *
 * @param connection where to
 * @param message a text, bytes, or what was received
 * @param size bytes of a fragment; the last may have fewer
 */
export function sendInFragments(
  connection: Connection,
  message: string | Uint8Array | Frame,
  size: number,
): void {
  const length = typeof message === "string"
    ? Buffer.byteLength(message)
    : message.length;
  if (length > size * MAX_FRAGMENTS) {
    const reason = `over ${MAX_FRAGMENTS} fragments`;
    return connection.close(CLOSE_CODE.tooBig, reason);
  }
  connection.send(message, { fragmentSize: size });
}
