/**
 * permessage-deflate (RFC 7692 §7.2): payloads deflated on their way out and
 * inflated on their way in. zlib's memory is taken at the first message that
 * needs it; where every message starts with an empty window, it is borrowed for
 * the length of a message only.
 *
 * @module
 */

import { CLOSE_CODE } from "../../protocol/close_code.ts";
import type { MemoryCharge } from "../../memory/account.ts";
import { Held } from "../../memory/held.ts";
import { copied, grown } from "../../memory/resize.ts";
import { isSliceOver } from "../../scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import { Utf8Validator } from "../codec/utf8.ts";
import { ZlibStream } from "../../runtime/zlib_stream.ts";

/** Window bits where the agreement names none (RFC 7692 §7.1.2). */
const MAX_WINDOW_BITS = 15;

/** Bytes that end what a deflater has flushed, and are not sent (RFC 7692 §7.2.1). */
const TAIL_LENGTH = 4;

/**
 * A message whose tail was left out ends with the three zero bits of a block's
 * header and zeros up to the byte's end; one that ends with this still has it.
 */
const TAIL_END = 0xff;

/** What stands for an empty block when its tail is left out (RFC 7692 §7.2.3.6). */
const EMPTY_BLOCK = Uint8Array.of(0x00);

const NOTHING = new Uint8Array(0);

/** Bytes of the buffers that all connections share, one at a time. */
const SHARED_SIZE = 256 * 1024;

/** A shared buffer that has grown stays so up to this size, in bytes. */
const MAX_SHARED = 2 * 2 ** 20;

/** Bytes of a buffer that a connection has for its own, at least. */
const MIN_SIZE = 4096;

/** Bytes that are inflated between two looks at the clock. */
const STEP = 64 * 1024;

/** zlib streams that are kept for the next borrower, of each kind and window. */
const MAX_IDLE = 4;

/** Lends zlib streams of one kind. */
class Pool {
  readonly #make: (windowBits: number) => ZlibStream;
  readonly #size: (windowBits: number) => number;
  readonly #idle: ZlibStream[][] = [];

  constructor(
    make: (windowBits: number) => ZlibStream,
    size: (windowBits: number) => number,
  ) {
    this.#make = make;
    this.#size = size;
  }

  /** Bytes of memory that a stream takes. */
  size(windowBits: number): number {
    return this.#size(windowBits);
  }

  take(windowBits: number): ZlibStream {
    return this.#idle[windowBits]?.pop() ?? this.#make(windowBits);
  }

  /** Takes back what was lent; it forgets its window. */
  give(windowBits: number, stream: ZlibStream): void {
    const idle = this.#idle[windowBits] ??= [];
    if (idle.length >= MAX_IDLE) return stream.close();
    stream.reset();
    idle.push(stream);
  }
}

/** Bytes by zconf.h of zlib, with its default memLevel of 8. */
const deflaters = new Pool(
  ZlibStream.deflater,
  (windowBits) => 2 ** (windowBits + 2) + 2 ** 17,
);
const inflaters = new Pool(
  ZlibStream.inflater,
  (windowBits) => 2 ** windowBits + 7 * 1024,
);

/** The deflated fragment that was made last. */
let deflated = new Uint8Array(SHARED_SIZE);

/** How one side of a connection uses its window. */
export interface WindowUse {
  /** Base-2 logarithm of the window; `undefined`: of the largest one. */
  readonly maxWindowBits: number | undefined;
  /** Whether every message starts with an empty window. */
  readonly noContextTakeover: boolean;
}

/** Deflates the messages that a connection sends. */
export class MessageDeflater {
  readonly #windowBits: number;
  readonly #borrows: boolean;
  readonly #charge: MemoryCharge | undefined;
  #stream: ZlibStream | undefined;

  /**
   * Makes one that holds no memory yet.
   *
   * @param use what was agreed on for the sender
   * @param charge of the connection
   */
  constructor(use: WindowUse, charge?: MemoryCharge) {
    this.#windowBits = use.maxWindowBits ?? MAX_WINDOW_BITS;
    this.#borrows = use.noContextTakeover;
    this.#charge = charge;
  }

  /**
   * Deflates the next fragment, or a whole message.
   *
   * @param payload its bytes
   * @param final whether it is the message's last
   * @returns what to send; valid until the next call of any deflater
   */
  deflate(payload: Uint8Array, final: boolean): Uint8Array {
    const stream = this.#stream ??= this.#take();
    let output = deflated;
    let start = 0;
    let length = 0;
    for (;;) {
      stream.run(payload, start, payload.length, output, length, output.length);
      length = output.length - stream.outputLeft;
      if (stream.outputLeft > 0) break;
      start = payload.length - stream.inputLeft;
      output = copied(output, length, 2 * length);
      if (output.length <= MAX_SHARED) deflated = output;
    }
    if (final && this.#borrows) this.free();
    // Where nothing is left to flush, zlib writes nothing.
    if (length === 0) return final ? EMPTY_BLOCK : NOTHING;
    return output.subarray(0, final ? length - TAIL_LENGTH : length);
  }

  #take(): ZlibStream {
    this.#charge?.add(deflaters.size(this.#windowBits));
    return deflaters.take(this.#windowBits);
  }

  /** Gives zlib's memory back. */
  free(): void {
    if (this.#stream === undefined) return;
    this.#charge?.add(-deflaters.size(this.#windowBits));
    if (this.#borrows) deflaters.give(this.#windowBits, this.#stream);
    else this.#stream.close();
    this.#stream = undefined;
  }
}

/** What was inflated last, unless it had to be kept. */
let inflated = new Uint8Array(SHARED_SIZE);

/** Why a connection has to fail. */
export interface InflateFault {
  /** The close code that fits. */
  readonly code: number;
  /** A few words. */
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
 * Inflates the messages that a connection receives, piece by piece, and keeps
 * what was inflated until it is taken. The bytes are in a buffer that all
 * connections share, unless they are there for longer than one call.
 */
export class MessageInflater {
  /** Where the bytes are that were inflated and not taken: from 0 on. */
  bytes: Uint8Array<ArrayBuffer> = NOTHING;
  /** How many they are. */
  length = 0;
  /** The opcode to deliver them with. */
  code = 0;

  readonly #windowBits: number;
  readonly #borrows: boolean;
  readonly #limit: number;
  readonly #charge: MemoryCharge | undefined;
  readonly #held: Held | undefined;
  readonly #utf8 = new Utf8Validator();
  #stream: ZlibStream | undefined;
  /** The byte of the last piece from which {@linkcode MessageInflater.goOn} goes on. */
  #at = 0;
  #inMessage = false;
  #isText = false;
  /** Of the message's data. */
  #lastByte = TAIL_END;

  /**
   * Makes one that holds no memory yet.
   *
   * @param use what was agreed on for the sender
   * @param limit bytes that may be there before they are taken
   * @param charge of the connection
   */
  constructor(use: WindowUse, limit: number, charge?: MemoryCharge) {
    this.#windowBits = use.maxWindowBits ?? MAX_WINDOW_BITS;
    this.#borrows = use.noContextTakeover;
    this.#limit = limit;
    this.#charge = charge;
    this.#held = charge && new Held(charge);
  }

  /**
   * Inflates the next piece of a message, as far as the limit, the rules and the
   * slice of time allow.
   *
   * @param opcode of the frame that it is a piece of
   * @param input holds it
   * @param start its first byte
   * @param end the byte behind its last
   * @param final whether the message ends with it
   * @returns a fault; or `more`, where the slice is over: then
   * {@linkcode MessageInflater.goOn} is to be called, with the same input
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
    if (this.length === 0) this.bytes = inflated;
    return this.#inflateOn(input, start, end, final);
  }

  /**
   * Goes on with a piece, or with its message.
   *
   * @param input holds it still
   * @param end as before
   * @param final as before
   */
  goOn(
    input: Uint8Array,
    end: number,
    final: boolean,
  ): InflateFault | "more" | undefined {
    if (this.length === 0) this.bytes = inflated;
    return this.#inflateOn(input, this.#at, end, final);
  }

  #inflateOn(
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
    if (this.#borrows) this.free();
    return undefined;
  }

  /** Keeps what is there for a later call, when others have used the shared buffer. */
  keep(): void {
    if (this.bytes !== inflated) return;
    this.bytes = inflated.slice(0, this.length);
    this.#held?.set(this.length);
  }

  /** Gives the bytes up; they are valid until the next call of any inflater. */
  take(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    this.bytes = NOTHING;
    this.length = 0;
    this.code = OPCODE_NUMBER.continuation;
    this.#held?.set(0);
    return bytes;
  }

  /**
   * Puts the last of what was taken back, in front of what comes next.
   *
   * @param rest is copied
   */
  putBack(rest: Uint8Array): void {
    this.bytes = rest.slice();
    this.length = rest.length;
  }

  /**
   * Leaves bytes to whoever has taken them, for good.
   *
   * @param bytes what {@linkcode MessageInflater.take} gave
   */
  static leave(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes === inflated) inflated = new Uint8Array(SHARED_SIZE);
  }

  #take(): ZlibStream {
    this.#charge?.add(inflaters.size(this.#windowBits));
    return inflaters.take(this.#windowBits);
  }

  /** Gives zlib's memory back. */
  free(): void {
    if (this.#stream === undefined) return;
    this.#charge?.add(-inflaters.size(this.#windowBits));
    if (this.#borrows) inflaters.give(this.#windowBits, this.#stream);
    else this.#stream.close();
    this.#stream = undefined;
  }

  #inflate(
    stream: ZlibStream,
    input: Uint8Array,
    start: number,
    end: number,
  ): InflateFault | "more" | undefined {
    let isAnew = false;
    for (let isFirst = true;; isFirst = false) {
      if (!isFirst && isSliceOver()) {
        this.#at = start;
        return "more";
      }
      const before = this.length;
      // A byte beyond the limit tells a message that ends there from a longer one.
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
        // A last block (BFINAL): what follows has nothing to do with it.
        if (isAnew && inputLeft === end - start) return CORRUPT;
        stream.reset();
      }
      isAnew = outputLeft > 0;
      start = end - inputLeft;
    }
  }

  #grow(): void {
    const size = Math.max(MIN_SIZE, 2 * this.length);
    const isShared = this.bytes === inflated;
    if (this.bytes === NOTHING) this.bytes = new Uint8Array(size);
    else if (isShared && size > MAX_SHARED) {
      this.bytes = copied(this.bytes, this.length, size);
    } else this.bytes = grown(this.bytes, size);
    if (isShared && size <= MAX_SHARED) inflated = this.bytes;
    this.#held?.set(this.bytes === inflated ? 0 : size);
  }
}

function tooBig(limit: number): InflateFault {
  return { code: CLOSE_CODE.tooBig, reason: `over ${limit} bytes` };
}
