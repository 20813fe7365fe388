/**
 * A frame for a handler under test.
 *
 * @module
 */

import type { Frame, Opcode } from "../websocket.ts";
import { toBytes } from "./sent.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Options of {@linkcode FakeFrame}.
 *
 * @example
 * ```ts
 * import { FakeFrame, type FakeFrameOptions } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FakeFrameOptions = { final: false, length: 10, left: 4 };
 * const part = new FakeFrame("text", "abc", options);
 * assertEquals([part.offset, part.payload.length, part.left], [3, 3, 4]);
 * ```
 */
export interface FakeFrameOptions {
  /**
   * Whether this ends a message.
   * @default true
   */
  readonly final?: boolean;
  /**
   * Bytes of the whole frame's payload.
   * @default those of the payload
   */
  readonly length?: number;
  /**
   * Bytes of the frame's payload in later parts.
   * @default 0
   */
  readonly left?: number;
}

/**
 * A received message, frame or part.
 *
 * @example
 * ```ts
 * import type { WebSocketHandler } from "@ws-echo/server";
 * import { FakeConnection, FakeFrame } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const handler: WebSocketHandler = {
 *   frame: (connection, frame) => connection.send(`${frame.length} bytes`),
 * };
 * const connection = new FakeConnection();
 * handler.frame(connection, new FakeFrame("binary", new Uint8Array(3)));
 * assertEquals(connection.messages, ["3 bytes"]);
 * ```
 */
export class FakeFrame implements Frame {
  /** The opcode. */
  readonly opcode: Opcode;
  /** Whether this ends a message. */
  readonly final: boolean;
  /** The payload. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole frame's payload. */
  readonly length: number;
  /** Bytes of the frame's payload in later parts. */
  readonly left: number;
  /** Bytes of the frame's payload in earlier parts. */
  readonly offset: number;

  /**
   * Makes a frame.
   *
   * @param opcode of the frame
   * @param payload bytes, which are copied, or a string in UTF-8
   * @param options of a fragment or a part
   */
  constructor(
    opcode: Opcode,
    payload: string | Uint8Array = "",
    options: FakeFrameOptions = {},
  ) {
    this.opcode = opcode;
    this.payload = toBytes(payload);
    this.final = options.final ?? true;
    this.length = options.length ?? this.payload.length;
    this.left = options.left ?? 0;
    this.offset = this.length - this.left - this.payload.length;
  }

  /** The payload as text. */
  text(): string {
    return decoder.decode(this.payload);
  }

  /**
   * Whether the payload begins with a text.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean {
    return this.text().startsWith(prefix);
  }

  /** Overwrites the payload, as the listeners do after the handler has returned. */
  invalidate(): void {
    this.payload.fill(0xff);
  }
}
