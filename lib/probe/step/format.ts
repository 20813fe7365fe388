/**
 * Formats times, sizes, messages and connection ends for the report.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import { readClose, type ServerMessage } from "../../client/message_reader.ts";
import { printable } from "../../log/log.ts";

/** Maximum number of characters of a quotation. */
const MAX_QUOTED = 80;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Quotes a text from the server; cut at 80 characters, control characters escaped.
 *
 * @param text any text
 */
export function quoted(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return `"${printable(cut)}"`;
}

/**
 * Quotes bytes from the server as UTF-8.
 *
 * @param bytes any bytes
 */
export function quotedBytes(bytes: Uint8Array): string {
  return quoted(decoder.decode(bytes.subarray(0, 4 * MAX_QUOTED)));
}

/**
 * Formats a number of bytes.
 *
 * @param count the number
 */
export function formatBytes(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/**
 * Formats a duration in milliseconds or seconds.
 *
 * @param time milliseconds
 */
export function formatTime(time: number): string {
  if (time >= 1000) return `${(time / 1000).toFixed(2)} s`;
  return `${time.toFixed(time < 1 ? 3 : time < 100 ? 2 : 0)} ms`;
}

/**
 * Describes a message or control frame.
 *
 * @param message from the server
 */
export function describeMessage(message: ServerMessage): string {
  const { opcode, payload } = message;
  switch (opcode) {
    case "text":
      return `the text ${quotedBytes(payload)}`;
    case "close":
      return describeClose(payload);
    default:
      return `${opcode.toUpperCase()} of ${formatBytes(payload.length)}`;
  }
}

/**
 * Describes a CLOSE frame by its code and reason.
 *
 * @param payload the frame's payload
 */
export function describeClose(payload: Uint8Array): string {
  const { code, reason } = readClose(payload);
  if (code === undefined) return "an empty CLOSE";
  return reason === "" ? `CLOSE ${code}` : `CLOSE ${code} ${quoted(reason)}`;
}

/**
 * Describes how a connection ended without a CLOSE.
 *
 * @param connection that has ended
 */
export function describeEnd(connection: ClientConnection): string {
  const where = connection.unreadBytes > 0 ? ", in the middle of a frame" : "";
  const verb = connection.ending === "reset" ? "reset" : "ended";
  return `the server ${verb} the TCP connection without a CLOSE${where}`;
}
