/**
 * A message in fragments of a size.
 *
 * @module
 */

import { CLOSE_CODE } from "../../lib/close_code.ts";
import type { Connection, Frame, Opcode } from "../../lib/websocket.ts";

/** Fragments of one message: as many as can be made in one go. */
export const MAX_FRAGMENTS = 16_384;

const encoder = new TextEncoder();

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
  const bytes = bytesOf(message);
  if (bytes.length > size * MAX_FRAGMENTS) {
    const reason = `over ${MAX_FRAGMENTS} fragments`;
    return connection.close(CLOSE_CODE.tooBig, reason);
  }
  let opcode = opcodeOf(message);
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const final = at + size >= bytes.length;
    connection.send(bytes.subarray(at, at + size), { opcode, final });
    opcode = "continuation";
  }
}

function bytesOf(message: string | Uint8Array | Frame): Uint8Array {
  if (typeof message === "string") return encoder.encode(message);
  return message instanceof Uint8Array ? message : message.payload;
}

function opcodeOf(message: string | Uint8Array | Frame): Opcode {
  if (typeof message === "string") return "text";
  return message instanceof Uint8Array ? "binary" : message.opcode;
}
