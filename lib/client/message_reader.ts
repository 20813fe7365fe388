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
import { FaultRecord } from "./protocol_error.ts";
import type { ServerFrame } from "./frame_reader.ts";

/**
 * The opcodes of messages and control frames.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, type MessageOpcode } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const opcodes: MessageOpcode[] = [];
 * const routes: Routes = {
 *   "/ws": {
 *     open(connection) {
 *       connection.ping();
 *       connection.close(1000);
 *     },
 *     frame() {},
 *   },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * opcodes.push((await client.message())!.opcode, (await client.message())!.opcode);
 * assertEquals(opcodes, ["ping", "close"]);
 * ```
 */
export type MessageOpcode = "text" | "binary" | "close" | "ping" | "pong";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A complete message, or a control frame.
 *
 * @example
 * ```ts
 * import { type Connection, serve } from "@ws-echo/server";
 * import { connect, type ServerMessage } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const send = (connection: Connection) =>
 *   connection.send("hello", { fragmentSize: 2 });
 * const routes = { "/ws": { open: send, frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const message: ServerMessage = await client.nextMessage();
 * assertEquals([message.text(), message.frames], ["hello", 3]);
 * ```
 */
export class ServerMessage {
  /** The opcode of its first frame. */
  readonly opcode: MessageOpcode;
  /** The payload; the message owns it. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Number of frames. */
  readonly frames: number;

  /**
   * Makes a message.
   *
   * @param opcode of its first frame
   * @param payload of all frames
   * @param frames their number
   */
  constructor(
    opcode: MessageOpcode,
    payload: Uint8Array<ArrayBuffer>,
    frames: number,
  ) {
    this.opcode = opcode;
    this.payload = payload;
    this.frames = frames;
  }

  /** Decodes the payload as UTF-8. */
  text(): string {
    return decoder.decode(this.payload);
  }
}

/**
 * Code and reason of a CLOSE frame.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { type CloseMessage, connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const answer: CloseMessage = await client.close(1000, "bye");
 * assertEquals(answer, { code: 1000, reason: "bye" });
 * ```
 */
export interface CloseMessage {
  /** The close code; `undefined` if the payload is empty. */
  readonly code: number | undefined;
  /** The reason, or `""`. */
  readonly reason: string;
}

const NAMES = new Map<number, MessageOpcode>(
  (["text", "binary", "close", "ping", "pong"] as const)
    .map((name) => [OPCODE_NUMBER[name], name]),
);

/** Assembles the messages of one connection. */
export class MessageReader {
  readonly #record: FaultRecord;
  #opcode: MessageOpcode | undefined;
  #fragments: Uint8Array<ArrayBuffer>[] = [];

  /**
   * Makes a reader at the start of a stream of frames.
   *
   * @param record gets the violations
   */
  constructor(record: FaultRecord = new FaultRecord()) {
    this.#record = record;
  }

  /**
   * Adds a frame. Frames that belong to no message have no effect: those of a reserved
   * opcode, and a continuation of nothing.
   *
   * @param frame the next frame
   * @returns the message or control frame that it completes, if any
   * @throws {ProtocolError} a text that is not UTF-8, or an invalid CLOSE
   */
  push({ opcode, final, payload }: ServerFrame): ServerMessage | undefined {
    const name = NAMES.get(opcode);
    if (opcode >= CONTROL) return name && this.#control(name, payload);
    if (name !== undefined) {
      this.#opcode = name;
      this.#fragments = [];
    } else if (
      this.#opcode === undefined || opcode !== OPCODE_NUMBER.continuation
    ) return undefined;
    this.#fragments.push(payload.slice());
    return final ? this.#message(this.#opcode) : undefined;
  }

  #message(opcode: MessageOpcode): ServerMessage {
    const fragments = this.#fragments.splice(0);
    this.#opcode = undefined;
    const payload = concat(fragments);
    if (opcode === "text" && !isUtf8(payload)) {
      this.#record.report("not UTF-8", "a text that is not UTF-8");
    }
    return new ServerMessage(opcode, payload, fragments.length);
  }

  #control(opcode: MessageOpcode, payload: Uint8Array): ServerMessage {
    if (opcode === "close") checkClose(payload, this.#record);
    return new ServerMessage(opcode, new Uint8Array(payload), 1);
  }
}

/** Applies the rules of RFC 6455 §5.5.1 and §7.4. */
function checkClose(payload: Uint8Array, record: FaultRecord): void {
  if (payload.length === 0) return;
  const { code } = readClose(payload);
  if (code === undefined) {
    record.report(
      "close payload of one byte",
      "a CLOSE with a payload of one byte",
    );
  } else if (!isCloseCodeAllowed(code)) {
    record.report(
      "close code that may not be sent",
      `a CLOSE with the code ${code}, which may not be sent`,
    );
  }
  if (!isUtf8(payload.subarray(2))) {
    record.report("not UTF-8", "a close reason that is not UTF-8");
  }
}

/**
 * Decodes the payload of a CLOSE frame; the code may be invalid.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, readClose } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes: Routes = {
 *   "/ws": { open: (connection) => connection.close(4000, "full"), frame() {} },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const { payload } = await client.nextMessage();
 * assertEquals(readClose(payload), { code: 4000, reason: "full" });
 * ```
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
