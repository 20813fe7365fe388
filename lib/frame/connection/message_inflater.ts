/**
 * Inflates the messages that a connection receives
 * ({@link https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2 | RFC 7692 §7.2.2}).
 *
 * zlib's memory is taken at the first message and held until the close or, where
 * every message starts with an empty window, for the length of a message.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import { copied, grown } from "../../memory/resize.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import type { ZlibStream } from "../../runtime/zlib_stream.ts";
import { isSliceOver } from "../../scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import { Utf8Validator } from "../codec/utf8.ts";
import { inflaters, type WindowUse } from "./zlib_pool.ts";

/**
 * A message whose tail was left out ends with the three zero bits of a block's
 * header and zeros up to the byte's end; one that ends with this byte still has it.
 */
const TAIL_END = 0xff;

const NOTHING = new Uint8Array(0);

/** Bytes of the buffer that all connections share, one at a time. */
const SHARED_SIZE = 256 * 1024;

/** Bytes up to which the shared buffer stays as large as it has grown. */
const MAX_SHARED = 2 * 2 ** 20;

/** Minimum bytes of a buffer that belongs to one connection. */
const MIN_SIZE = 4096;

/** Bytes that are inflated between two checks of the clock. */
const STEP = 64 * 1024;

/** The shared buffer: the bytes that were inflated last, unless they were kept. */
let shared = new Uint8Array(SHARED_SIZE);

/** The reason why a connection has to fail. */
export interface InflateFault {
  /** The close code. */
  readonly code: number;
  /** The reason in a few words. */
  readonly reason: string;
}

const CORRUPT: InflateFault = {
  code: CLOSE_CODE.invalidPayload,
  reason: "compressed data is corrupt",
};

const CUT_OFF: InflateFault = {
  code: CLOSE_CODE.invalidPayload,
  reason: "compressed data is cut off",
};

const NOT_UTF8: InflateFault = {
  code: CLOSE_CODE.invalidPayload,
  reason: "text is not UTF-8",
};

const CUT_CHARACTER: InflateFault = {
  code: CLOSE_CODE.invalidPayload,
  reason: "text ends inside a character",
};

/**
 * Inflates the messages of one connection, piece by piece, and holds the inflated
 * bytes until they are taken. The bytes are in the shared buffer, unless
 * {@linkcode MessageInflater.keep} was called.
 */
export class MessageInflater {
  /** Holds the inflated bytes that were not taken, from offset 0 on. */
  bytes: Uint8Array<ArrayBuffer> = NOTHING;
  /** Number of those bytes. */
  length = 0;
  /** The opcode to deliver them with. */
  code = 0;

  readonly #use: WindowUse;
  readonly #limit: number;
  readonly #charge: Pick<MemoryCharge, "add"> | undefined;
  readonly #held: BufferCharge | undefined;
  readonly #utf8 = new Utf8Validator();
  #stream: ZlibStream | undefined;
  /** The byte of the last piece at which {@linkcode MessageInflater.resume} continues. */
  #at = 0;
  #inMessage = false;
  #isText = false;
  /** The last byte of the message's compressed data. */
  #lastByte = TAIL_END;

  /**
   * Makes an inflater that holds no memory yet.
   *
   * @param use the client's use of its window
   * @param limit inflated bytes that may be held before they are taken
   * @param charge the connection's share of the memory account
   */
  constructor(
    use: WindowUse,
    limit: number,
    charge?: Pick<MemoryCharge, "add">,
  ) {
    this.#use = use;
    this.#limit = limit;
    this.#charge = charge;
    this.#held = charge && new BufferCharge(charge);
  }

  /**
   * Inflates the next piece of a message, until the limit, a fault or the end of the
   * time slice stops it.
   *
   * @param opcode the opcode of the piece's frame
   * @param input holds the piece
   * @param start its first byte
   * @param end the byte after its last
   * @param final whether the message ends with it
   * @returns a fault; or `more` where the slice is over:
   * {@linkcode MessageInflater.resume} has to be called with the same input
   */
  push(
    opcode: number,
    input: Uint8Array,
    start: number,
    end: number,
    final: boolean,
  ): InflateFault | "more" | undefined {
    if (!this.#inMessage) {
      this.#inMessage = true;
      this.#isText = opcode === OPCODE_NUMBER.text;
      this.code = opcode;
      this.#lastByte = TAIL_END;
    }
    if (start < end) this.#lastByte = input[end - 1]!;
    if (this.length === 0) this.bytes = shared;
    return this.#inflatePiece(input, start, end, final);
  }

  /**
   * Continues a piece after `more`.
   *
   * @param input holds the piece still
   * @param end as in {@linkcode MessageInflater.push}
   * @param final as in {@linkcode MessageInflater.push}
   */
  resume(
    input: Uint8Array,
    end: number,
    final: boolean,
  ): InflateFault | "more" | undefined {
    if (this.length === 0) this.bytes = shared;
    return this.#inflatePiece(input, this.#at, end, final);
  }

  /** Copies the bytes out of the shared buffer, which the next inflater overwrites. */
  keep(): void {
    if (this.bytes !== shared) return;
    this.bytes = shared.slice(0, this.length);
    this.#held?.set(this.length);
  }

  /** Returns the bytes; they are valid until the next call of any inflater. */
  take(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    this.bytes = NOTHING;
    this.length = 0;
    this.code = OPCODE_NUMBER.continuation;
    this.#held?.set(0);
    return bytes;
  }

  /**
   * Puts the last bytes that were taken back, in front of the next ones.
   *
   * @param rest is copied
   */
  putBack(rest: Uint8Array): void {
    this.bytes = rest.slice();
    this.length = rest.length;
  }

  /**
   * Keeps bytes valid after the next call: if they are in the shared buffer, the
   * inflaters get a new one.
   *
   * @param bytes the result of {@linkcode MessageInflater.take}
   */
  static detach(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes === shared) shared = new Uint8Array(SHARED_SIZE);
  }

  /** Gives zlib's memory back. */
  free(): void {
    if (this.#stream === undefined) return;
    this.#charge?.add(-inflaters.size(this.#use));
    inflaters.give(this.#use, this.#stream);
    this.#stream = undefined;
  }

  #take(): ZlibStream {
    this.#charge?.add(inflaters.size(this.#use));
    return inflaters.take(this.#use);
  }

  #inflatePiece(
    input: Uint8Array,
    start: number,
    end: number,
    final: boolean,
  ): InflateFault | "more" | undefined {
    const stream = this.#stream ??= this.#take();
    const fault = this.#inflate(stream, input, start, end);
    if (fault !== undefined || !final) return fault;
    this.#inMessage = false;
    if (this.#lastByte !== TAIL_END && !stream.endMessage()) return CUT_OFF;
    if (!this.#utf8.isComplete) return CUT_CHARACTER;
    if (this.#use.noContextTakeover) this.free();
    return undefined;
  }

  #inflate(
    stream: ZlibStream,
    input: Uint8Array,
    start: number,
    end: number,
  ): InflateFault | "more" | undefined {
    let wasReset = false;
    for (let isFirst = true;; isFirst = false) {
      if (!isFirst && isSliceOver()) {
        this.#at = start;
        return "more";
      }
      const before = this.length;
      // Room for one byte beyond the limit shows whether a message is longer.
      if (before === this.bytes.length) this.#grow();
      const room = Math.min(this.bytes.length, before + STEP, this.#limit + 1);
      const isFine = stream.run(input, start, end, this.bytes, before, room);
      const { inputLeft, outputLeft } = stream;
      this.length = room - outputLeft;
      if (!isFine) return CORRUPT;
      if (this.length > this.#limit) return tooBig(this.#limit);
      if (this.#isText && !this.#utf8.push(this.bytes, before, this.length)) {
        return NOT_UTF8;
      }
      if (outputLeft > 0) {
        if (inputLeft === 0) return undefined;
        // A block with BFINAL ends the stream; the rest begins another one
        // (RFC 7692 §7.2.3.4).
        if (wasReset && inputLeft === end - start) return CORRUPT;
        stream.reset();
      }
      wasReset = outputLeft > 0;
      start = end - inputLeft;
    }
  }

  #grow(): void {
    const size = Math.max(MIN_SIZE, 2 * this.length);
    const isShared = this.bytes === shared;
    if (this.bytes === NOTHING) this.bytes = new Uint8Array(size);
    else if (isShared && size > MAX_SHARED) {
      this.bytes = copied(this.bytes, this.length, size);
    } else this.bytes = grown(this.bytes, size);
    if (isShared && size <= MAX_SHARED) shared = this.bytes;
    this.#held?.set(this.bytes === shared ? 0 : size);
  }
}

function tooBig(limit: number): InflateFault {
  return { code: CLOSE_CODE.tooBig, reason: `over ${limit} bytes` };
}
