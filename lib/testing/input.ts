/**
 * Turns a client's data frames into the frames that a handler receives, by the options of
 * the handler and the rules of the listener.
 *
 * @module
 */

import { Encoder } from "../frame/codec/encoder.ts";
import { ByteCollector } from "../memory/byte_collector.ts";
import type { ListenerName, Opcode, WebSocketHandler } from "../websocket.ts";
import { OPCODE_NUMBER } from "../websocket.ts";
import { FakeFrame } from "./fake_frame.ts";
import { toBytes } from "./sent.ts";

/**
 * An opcode of data frames.
 *
 * @example
 * ```ts
 * import { type DataOpcode, openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const opcodes: DataOpcode[] = ["text", "continuation"];
 * const client = await openHandler({
 *   receive: "frame",
 *   frame: (connection, frame) => connection.send(frame),
 * });
 * for (const opcode of opcodes) {
 *   await client.receive("ab", { opcode, final: opcode === "continuation" });
 * }
 * assertEquals(client.messages, ["abab"]);
 * ```
 */
export type DataOpcode = "text" | "binary" | "continuation";

/** The effect of a client's frame. */
export interface Received {
  /** The frames that the handler gets, in order. */
  readonly frames: readonly FakeFrame[];
  /** Bytes that count as received. */
  readonly bytes: number;
  /** Complete messages that count as received: 0 or 1. */
  readonly messages: number;
  /** The reason of a close with 1009, if the frame exceeds a limit. */
  readonly tooLong?: string;
}

const NOTHING: Received = { frames: [], bytes: 0, messages: 0 };

/** Options of the handler that select what it gets. */
type Selection = Pick<
  WebSocketHandler,
  "receive" | "maxPart" | "maxPayload"
>;

/** Receives the data frames of one client. */
export class Input {
  readonly #listener: ListenerName;
  readonly #receive: "message" | "frame" | "part";
  readonly #maxPart: number;
  readonly #maxPayload: number;
  /** Applies the rules of a sender to the client. */
  readonly #rules = new Encoder(false, Infinity);
  readonly #fragments = new ByteCollector();
  #opcode: Opcode | undefined;

  /**
   * Starts before the first message.
   *
   * @param listener whose rules apply
   * @param selection options of the handler
   */
  constructor(listener: ListenerName, selection: Selection) {
    const { receive = "message", maxPart = Infinity } = selection;
    this.#listener = listener;
    this.#receive = receive;
    this.#maxPart = receive === "part" ? maxPart : Infinity;
    this.#maxPayload = selection.maxPayload ?? Infinity;
  }

  /**
   * Adds a frame.
   *
   * @param opcode of the frame
   * @param data its payload
   * @param final the FIN bit
   * @returns its effect
   * @throws {FragmentOrderError} a client may not send the frame now
   * @throws {InvalidPayloadError} a text is not UTF-8
   */
  push(
    opcode: DataOpcode,
    data: string | Uint8Array,
    final: boolean,
  ): Received {
    const code = OPCODE_NUMBER[opcode];
    const payload = toBytes(this.#rules.encode(code, data, final));
    if (this.#listener === "edge") return this.#edge(opcode, payload, final);
    const bytes = payload.length;
    const messages = final ? 1 : 0;
    if (this.#receive === "message") {
      this.#collect(opcode, payload);
      if (this.#fragments.length > this.#maxPayload) return this.#tooLong();
      return { frames: final ? this.#message() : [], bytes, messages };
    }
    if (this.#receive === "frame" && bytes > this.#maxPayload) {
      return this.#tooLong();
    }
    return { frames: this.#parts(opcode, payload, final), bytes, messages };
  }

  /** The edge listener receives whole messages. */
  #edge(opcode: DataOpcode, payload: Uint8Array, final: boolean): Received {
    this.#collect(opcode, payload);
    if (!final) return NOTHING;
    const bytes = this.#fragments.length;
    if (bytes > this.#maxPayload) return this.#tooLong();
    return { frames: this.#message(), bytes, messages: 1 };
  }

  #collect(opcode: DataOpcode, payload: Uint8Array): void {
    this.#opcode ??= opcode;
    this.#fragments.append(payload);
  }

  /** The assembled message, in parts if the handler gets parts. */
  #message(): readonly FakeFrame[] {
    const opcode = this.#opcode!;
    this.#opcode = undefined;
    return this.#parts(opcode, this.#fragments.take(), true);
  }

  #tooLong(): Received {
    const max = this.#maxPayload;
    this.#fragments.clear();
    this.#opcode = undefined;
    const tooLong = this.#listener === "edge"
      ? `at most ${max} bytes`
      : `over ${max} bytes`;
    return { ...NOTHING, tooLong };
  }

  /** Splits a frame into parts of at most `maxPart` bytes. */
  #parts(
    opcode: Opcode,
    payload: Uint8Array,
    final: boolean,
  ): readonly FakeFrame[] {
    const { length } = payload;
    const parts: FakeFrame[] = [];
    let start = 0;
    do {
      const end = Math.min(start + this.#maxPart, length);
      const left = length - end;
      parts.push(
        new FakeFrame(opcode, payload.subarray(start, end), {
          final: final && left === 0,
          length,
          left,
        }),
      );
      start = end;
    } while (start < length);
    return parts;
  }
}
