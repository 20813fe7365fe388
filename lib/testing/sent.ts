/**
 * The frames that a fake connection records.
 *
 * @module
 */

import { encodeClose } from "../protocol/close_code.ts";
import type { Opcode } from "../websocket.ts";

/**
 * A frame that was sent.
 *
 * @example
 * ```ts
 * import { openHandler, type Sent } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ opcode, payload }: Sent) => `${opcode} ${payload.length}`;
 * const client = await openHandler({
 *   frame: (connection) => connection.close(1000),
 * });
 * await client.receive("bye");
 * assertEquals(client.sent.map(lineOf), ["close 2"]);
 * ```
 */
export interface Sent {
  /** The opcode. */
  readonly opcode: Opcode;
  /** The FIN bit. */
  readonly final: boolean;
  /** The payload, copied. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/**
 * Makes a frame, to compare it with a recorded one.
 *
 * @example
 * ```ts
 * import { openHandler, sent } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const client = await openHandler({
 *   frame: (connection) => connection.send("ab", { fragmentSize: 1 }),
 * });
 * await client.receive("any");
 * assertEquals(client.sent, [sent("text", "a", false), sent("continuation", "b")]);
 * ```
 *
 * @param opcode of the frame
 * @param payload bytes, or a string in UTF-8
 * @param final the FIN bit
 */
export function sent(
  opcode: Opcode,
  payload: string | Uint8Array = "",
  final = true,
): Sent {
  return { opcode, final, payload: toBytes(payload) };
}

/**
 * Makes a CLOSE, to compare it with a recorded one.
 *
 * @example
 * ```ts
 * import { openHandler, sentClose } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const client = await openHandler({
 *   frame: (connection) => connection.close(1008, "too fast"),
 * });
 * await client.receive("any");
 * assertEquals(client.sent, [sentClose(1008, "too fast")]);
 * ```
 *
 * @param code the close code; `undefined` for an empty CLOSE
 * @param reason the close reason
 * @throws {InvalidPayloadError} a code that may not be sent, or a reason over 123 bytes
 */
export function sentClose(code?: number, reason?: string): Sent {
  return sent("close", encodeClose(code, reason));
}

/**
 * Copies a payload.
 *
 * @param payload bytes, or a string in UTF-8
 */
export function toBytes(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof payload === "string"
    ? encoder.encode(payload)
    : new Uint8Array(payload);
}
