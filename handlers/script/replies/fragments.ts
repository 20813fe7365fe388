/**
 * Sends a message in fragments.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import type { Connection, Frame } from "../../../lib/websocket.ts";

/** Maximum number of fragments of a message. */
export const MAX_FRAGMENTS = 16_384;

/**
 * Ends a connection and its replies.
 *
 * @param code of the CLOSE
 * @param reason of the CLOSE
 */
export type FailReplies = (code: number, reason: string) => void;

/**
 * Sends a message in fragments. A message of more than {@linkcode MAX_FRAGMENTS}
 * fragments fails the connection with 1009 instead.
 *
 * @param connection that sends the message
 * @param message a text, bytes, or a received message
 * @param size bytes per fragment; the last may have fewer
 * @param fail ends the connection
 */
export function sendInFragments(
  connection: Pick<Connection, "send">,
  message: string | Uint8Array | Frame,
  size: number,
  fail: FailReplies,
): void {
  const length = typeof message === "string"
    ? Buffer.byteLength(message)
    : message.length;
  if (length > size * MAX_FRAGMENTS) {
    const reason = `over ${MAX_FRAGMENTS} fragments`;
    return fail(CLOSE_CODE.tooBig, reason);
  }
  connection.send(message, { fragmentSize: size });
}
