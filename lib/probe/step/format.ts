/**
 * What was seen on a connection, in words.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import { readClose, type ServerMessage } from "../../client/message_reader.ts";
import { printable } from "../../log/log.ts";

/** Characters of a payload that are shown. */
const SHOWN = 80;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A text of the server's, quoted, so that it cannot steer a terminal.
 *
 * @param text anything
 */
export function quoted(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `"${printable(cut)}"`;
}

/**
 * Bytes of the server's, as a text where they are one.
 *
 * @param bytes anything
 */
export function quotedBytes(bytes: Uint8Array): string {
  return quoted(decoder.decode(bytes.subarray(0, 4 * SHOWN)));
}

/**
 * A number of bytes.
 *
 * @param count how many
 */
export function inBytes(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/**
 * A time.
 *
 * @param time milliseconds
 */
export function inTime(time: number): string {
  if (time >= 1000) return `${(time / 1000).toFixed(2)} s`;
  return `${time.toFixed(time < 1 ? 3 : time < 100 ? 2 : 0)} ms`;
}

/**
 * A message or control frame.
 *
 * @param message what arrived
 */
export function messageWords(message: ServerMessage): string {
  const { opcode, payload } = message;
  switch (opcode) {
    case "text":
      return `the text ${quotedBytes(payload)}`;
    case "close":
      return closeWords(payload);
    default:
      return `${opcode.toUpperCase()} of ${inBytes(payload.length)}`;
  }
}

/**
 * A CLOSE.
 *
 * @param payload its payload
 */
export function closeWords(payload: Uint8Array): string {
  const { code, reason } = readClose(payload);
  if (code === undefined) return "an empty CLOSE";
  return reason === "" ? `CLOSE ${code}` : `CLOSE ${code} ${quoted(reason)}`;
}

/**
 * How a connection ended that should not have.
 *
 * @param connection which one
 */
export function endingWords(connection: ClientConnection): string {
  const where = connection.pending > 0 ? ", in the middle of a frame" : "";
  return connection.ending === "reset"
    ? `the server reset the TCP connection without a CLOSE${where}`
    : `the server ended the TCP connection without a CLOSE${where}`;
}
