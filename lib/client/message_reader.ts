/**
 * Assembles a server's frames into messages (RFC 6455 §5.4, §5.6).
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { isCloseCodeAllowed } from "../protocol/close_code.ts";
import { CONTROL } from "../frame/codec/header.ts";
import { OPCODE_NUMBER } from "../websocket.ts";
import { concat } from "./concat.ts";
import { ServerFault } from "./fault.ts";
import type { ServerFrame } from "./frame_reader.ts";

/** A complete message, or a control frame. */
export interface ServerMessage {
  /** The opcode of its first frame. */
  readonly opcode: "text" | "binary" | "close" | "ping" | "pong";
  /** The payload, copied. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Number of frames. */
  readonly frames: number;
}

/** Code and reason of a CLOSE frame. */
export interface CloseMessage {
  /** The close code; `undefined` if the payload is empty. */
  readonly code: number | undefined;
  /** The reason, or `""`. */
  readonly reason: string;
}

const NAMES = new Map(
  (["text", "binary", "close", "ping", "pong"] as const)
    .map((name) => [OPCODE_NUMBER[name], name]),
);

/** Assembles the messages of one connection. */
export class MessageReader {
  #opcode = 0;
  readonly #fragments: Uint8Array<ArrayBuffer>[] = [];

  /**
   * Adds a frame.
   *
   * @param frame the next frame
   * @returns the message or control frame that it completes, if any
   * @throws {ServerFault} a text that is not UTF-8, or an invalid CLOSE
   */
  push(frame: ServerFrame): ServerMessage | undefined {
    const { opcode, final } = frame;
    if (opcode >= CONTROL) return this.#control(frame);
    this.#fragments.push(frame.payload.slice());
    if (opcode !== OPCODE_NUMBER.continuation) this.#opcode = opcode;
    if (!final) return undefined;
    const fragments = this.#fragments.splice(0);
    const payload = concat(fragments);
    if (this.#opcode === OPCODE_NUMBER.text && !isUtf8(payload)) {
      throw new ServerFault("not UTF-8", "a text that is not UTF-8");
    }
    return {
      opcode: NAMES.get(this.#opcode)!,
      payload,
      frames: fragments.length,
    };
  }

  #control({ opcode, payload }: ServerFrame): ServerMessage {
    if (opcode === OPCODE_NUMBER.close) checkClose(payload);
    return { opcode: NAMES.get(opcode)!, payload: payload.slice(), frames: 1 };
  }
}

/** Applies the rules of RFC 6455 §5.5.1 and §7.4. */
function checkClose(payload: Uint8Array): void {
  if (payload.length === 0) return;
  if (payload.length === 1) {
    throw new ServerFault(
      "close payload of one byte",
      "a CLOSE with a payload of one byte",
    );
  }
  const { code } = readClose(payload);
  if (!isCloseCodeAllowed(code!)) {
    throw new ServerFault(
      "close code that may not be sent",
      `a CLOSE with the code ${code}, which may not be sent`,
    );
  }
  if (!isUtf8(payload.subarray(2))) {
    throw new ServerFault("not UTF-8", "a close reason that is not UTF-8");
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Decodes the payload of a CLOSE frame; the code may be invalid.
 *
 * @param payload of the frame
 */
export function readClose(payload: Uint8Array): CloseMessage {
  if (payload.length < 2) return { code: undefined, reason: "" };
  return {
    code: (payload[0]! << 8) | payload[1]!,
    reason: decoder.decode(payload.subarray(2)),
  };
}
