/**
 * Puts a client's frames together to messages, and inflates them.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { MessageInflater } from "../../../lib/frame/connection/message_inflater.ts";
import type { WindowUse } from "../../../lib/frame/connection/zlib_pool.ts";
import type { MemoryCharge } from "../../../lib/memory/account.ts";
import { BufferCharge } from "../../../lib/memory/buffer_charge.ts";
import { ByteCollector } from "../../../lib/memory/byte_collector.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import { nextSlice } from "../../../lib/scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import { HeldMessage } from "../engine/held_message.ts";

/** A data frame of the client, or a part of one. */
export interface DataFrame {
  /** The opcode of the frame, 0 to 2. */
  readonly opcode: number;
  /** Whether the frame ends with this part. */
  readonly isLast: boolean;
  /** Whether the message ends with this frame or part. */
  readonly final: boolean;
  /** RSV1 is 4. */
  readonly rsv: number;
  /** Unmasked; valid during the call. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A message of the client that fails the connection. */
export class MessageFault extends Error {
  /** The class's name. */
  override readonly name = "MessageFault";
  /** The close code for the client. */
  readonly code: number;

  /** Makes a fault. */
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The agreement of the step `deflate` about the client's messages. */
const USE: WindowUse = { maxWindowBits: undefined, noContextTakeover: true };

/** Limits of each message. */
export interface MessageLimits {
  /** Maximum bytes, before and after inflating. */
  readonly maxPayload: number;
  /** Maximum number of frames. */
  readonly maxFragments: number;
}

/** Assembles the messages of one client. */
export class MessageAssembler {
  readonly #limits: MessageLimits;
  readonly #charge: Pick<MemoryCharge, "add">;
  readonly #fragments: ByteCollector;
  /** Frames of the unfinished message that have ended. */
  #frames = 0;
  /** Opcode and RSV bits of the first frame of an unfinished message. */
  #first: Pick<DataFrame, "opcode" | "rsv"> | undefined;

  /**
   * Starts outside a message.
   *
   * @param limits of a message
   * @param charge the connection's share of the memory account
   */
  constructor(limits: MessageLimits, charge: Pick<MemoryCharge, "add">) {
    this.#limits = limits;
    this.#charge = charge;
    this.#fragments = new ByteCollector(new BufferCharge(charge));
  }

  /**
   * Checks the length in a header, before its payload arrives.
   *
   * @param length bytes that the message gets in addition
   * @throws {MessageFault} the message would be too long
   */
  expect(length: number): void {
    if (this.#fragments.length + length <= this.#limits.maxPayload) return;
    throw new MessageFault(CLOSE_CODE.tooBig, "a message is too long");
  }

  /**
   * Adds a frame or a part of one, whose order is checked already.
   *
   * @param frame the frame or the part
   * @param isOver whether no message is needed any more
   * @returns the message that it ends; none if it is not needed
   * @throws {MessageFault} a message that is too long, has too many frames, or is no UTF-8
   * or no deflate data
   */
  async add(
    { opcode, rsv, isLast, final, payload: part }: DataFrame,
    isOver: () => boolean,
  ): Promise<HeldMessage | undefined> {
    this.#first ??= { opcode, rsv };
    this.expect(part.length);
    const fragments = this.#fragments;
    fragments.append(part);
    if (isLast) this.#countFrame();
    if (!final) return undefined;
    this.#frames = 0;
    const first = this.#first;
    this.#first = undefined;
    const raw = fragments.take();
    if (first.rsv !== 0) return await this.#inflate(first.opcode, raw, isOver);
    if (first.opcode !== OPCODE_NUMBER.text) {
      return new HeldMessage("binary", raw);
    }
    if (isUtf8(raw)) return new HeldMessage("text", raw);
    throw new MessageFault(CLOSE_CODE.invalidPayload, "a text is not UTF-8");
  }

  #countFrame(): void {
    if (++this.#frames <= this.#limits.maxFragments) return;
    const { policyViolation } = CLOSE_CODE;
    throw new MessageFault(policyViolation, "a message has too many frames");
  }

  /** Inflates a message, and yields to other connections. */
  async #inflate(
    opcode: number,
    raw: Uint8Array<ArrayBuffer>,
    isOver: () => boolean,
  ): Promise<HeldMessage | undefined> {
    const inflater = new MessageInflater(
      USE,
      this.#limits.maxPayload,
      this.#charge,
    );
    try {
      let fault = inflater.push(opcode, raw, 0, raw.length, true);
      while (fault === "more") {
        inflater.keep();
        await nextSlice();
        if (isOver()) return undefined;
        fault = inflater.resume(raw, raw.length, true);
      }
      if (fault !== undefined) throw new MessageFault(fault.code, fault.reason);
      inflater.keep();
      const payload = inflater.bytes.subarray(0, inflater.length);
      const isText = opcode === OPCODE_NUMBER.text;
      return new HeldMessage(isText ? "text" : "binary", payload);
    } finally {
      inflater.take();
      inflater.free();
    }
  }
}
