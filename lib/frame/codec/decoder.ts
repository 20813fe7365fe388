/**
 * The frame decoder: every rule of RFC 6455 §5 about what a client may send, as
 * a state machine over bytes. It does no I/O and keeps no bytes.
 *
 * @module
 */

import { CLOSE_CODE, isCloseCodeAllowed } from "../../protocol/close_code.ts";
import {
  CONTROL,
  FIN,
  headerSize,
  MAX_CONTROL_PAYLOAD,
  RSV1,
} from "./header.ts";
import { rotateKey, unmask } from "./mask.ts";
import type { Memory } from "./memory.ts";
import { Utf8Validator } from "./utf8.ts";

/** The opcodes on the wire. */
const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const TEXT_FRAME = FIN | TEXT;
const BINARY_FRAME = FIN | BINARY;
const CLOSE = 0x8;
const PONG = 0xa;

/** RSV1 to RSV3. */
const RSV = 0x70;

/** Bytes of compressed data in a piece: what they inflate to is handled in one go. */
const DEFLATED_PIECE = 16 * 1024;

/** The same where pieces are what the handler gets. */
const SMALL_DEFLATED_PIECE = 1024;

/** The largest integer that V8 holds without a box. */
const NO_LIMIT = 2 ** 30 - 1;

/** Bytes of the longest frame whose pieces can be counted. */
const MAX_COUNTED = Number.MAX_SAFE_INTEGER;

/** What {@linkcode Decoder} reports to. */
export interface FrameSink {
  /**
   * A frame, or a piece of one, has arrived: unmasked, checked, at
   * `bytes[start, end)` of the memory given to {@linkcode Decoder.decode}.
   *
   * @param opcode the frame's, 0 to 10
   * @param final whether FIN is set and nothing of the frame is left
   * @param start the first byte of the payload, or of the piece
   * @param end the byte behind it
   * @param length bytes of the frame's whole payload
   * @param left bytes of it that are still to come
   * @returns false to have decoding stop behind this frame
   */
  frame(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): boolean;

  /**
   * Asked after {@linkcode Decoder.stride} frames, where more bytes are there.
   *
   * @returns false to have decoding stop
   */
  hasTime?(): boolean;

  /**
   * The peer broke a rule; nothing is decoded any more.
   *
   * @param code the close code that fits
   * @param reason a few words
   */
  fault(code: number, reason: string): void;
}

/** What {@linkcode Decoder} reports compressed messages to. */
export interface DeflatedSink {
  /**
   * A piece of a compressed message has arrived: unmasked, and not checked.
   *
   * @param opcode the frame's, 0 to 2
   * @param start the first byte of the piece
   * @param end the byte behind it
   * @param endsFrame whether it is the frame's last
   * @param endsMessage whether it is the message's last
   * @returns false to have decoding stop behind this piece
   */
  deflated(
    opcode: number,
    start: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean;
}

/** Options of {@linkcode Decoder}. */
export interface DecoderOptions {
  /** Bytes of a message, or of a frame; above it the fault is 1009. */
  readonly maxPayload: number;
  /** Whether `maxPayload` counts the fragments of a message together. */
  readonly limit: "message" | "frame";
  /**
   * Report the pieces of a data frame as they arrive, without any limit but the
   * one of counting: above 2^53 - 1 bytes what is left could not be told.
   */
  readonly pieces: boolean;
  /**
   * Bytes of a piece; the last one of a frame has what is left.
   * @default as many as have arrived
   */
  readonly maxPiece?: number;
  /**
   * Frames of a message; above it the fault is 1008. RFC 6455 §7.4.1 has 1009 for
   * what is too big, which a message of empty frames is not.
   * @default any number
   */
  readonly maxFragments?: number;
  /**
   * Gets the messages that are compressed, piece by piece and without any limit.
   * @default no message may be compressed
   */
  readonly deflated?: DeflatedSink | undefined;
}

/** Decodes the frames of one connection. */
export class Decoder {
  /**
   * The lowest address that a payload may be moved down to, as far as leaves
   * room for an unmasked header in front of it, so that an echo needs no copy;
   * -1 lets every payload stay where it arrived.
   */
  floor: number = -1;
  /** Frames after which the sink is asked whether to go on. */
  stride: number = NO_LIMIT;

  readonly #sink: FrameSink;
  readonly #maxPayload: number;
  readonly #limitsMessage: boolean;
  readonly #pieces: boolean;
  /** Bytes of a piece. */
  readonly #maxPiece: number;
  readonly #maxFragments: number;
  readonly #deflatedSink: DeflatedSink | undefined;
  readonly #utf8 = new Utf8Validator();

  /** TEXT or BINARY inside a fragmented message, else 0. */
  #message = 0;
  /** Whether the message that is arriving is compressed. */
  #deflated = false;
  /** Payload bytes of the fragments before the current one. */
  #messageLength = 0;
  /** Frames of the message before the current one. */
  #fragments = 0;

  /** The first byte that is not consumed, while `decode` runs. */
  #at = 0;
  /** A data frame whose payload is not complete yet. */
  #inPayload = false;
  #opcode = 0;
  #final = false;
  #length = 0;
  /** Payload bytes that were unmasked and checked. */
  #seen = 0;
  #key = 0;
  #failed = false;
  #endsTurn = false;
  /** Failed, or told to stop. */
  #stopped = false;

  /**
   * Makes a decoder at the start of a stream.
   *
   * @param sink gets the frames, or the fault
   * @param options limits and the form of delivery
   */
  constructor(sink: FrameSink, options: DecoderOptions) {
    this.#sink = sink;
    this.#maxPayload = options.pieces ? MAX_COUNTED : options.maxPayload;
    this.#limitsMessage = options.limit === "message" && !options.pieces;
    this.#pieces = options.pieces;
    this.#maxPiece = Math.min(
      options.pieces ? options.maxPiece ?? NO_LIMIT : NO_LIMIT,
      NO_LIMIT,
    );
    this.#maxFragments = options.maxFragments ?? NO_LIMIT;
    this.#deflatedSink = options.deflated;
  }

  /** Payload bytes that the current frame still needs, as far as is known. */
  get missing(): number {
    return this.#inPayload ? this.#length - this.#seen : 0;
  }

  /**
   * Decodes what has arrived.
   *
   * @param memory holds the bytes, and is written to: payloads are unmasked in it
   * @param start the first byte that was not consumed
   * @param end the byte behind the last one
   * @returns the first byte that is not consumed: it and those behind it are to
   * be presented again, at any address, with more bytes behind them
   */
  decode(memory: Memory, start: number, end: number): number {
    this.#at = start;
    let left = this.stride;
    while (!this.#stopped && this.#step(memory, end)) {
      if (--left > 0) continue;
      if (this.#at < end && this.#sink.hasTime?.() === false) break;
      left = this.stride;
    }
    return this.#failed ? end : this.#at;
  }

  /** Decodes nothing behind the current frame, or piece, until {@linkcode Decoder.go}. */
  stop(): void {
    this.#stopped = true;
  }

  /** Ends an {@linkcode Decoder.endTurn}. */
  beginTurn(): void {
    if (this.#endsTurn) this.go();
  }

  /** Decodes nothing behind the current frame, or piece, in this turn. */
  endTurn(): void {
    this.#endsTurn = !this.#stopped;
    this.#stopped = true;
  }

  /** Whether nothing is decoded for now, or any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Ends a stop. */
  go(): void {
    this.#endsTurn = false;
    this.#stopped = this.#failed;
  }

  /** Takes one frame, or what is there of it; returns whether to go on. */
  #step(memory: Memory, end: number): boolean {
    if (this.#inPayload) return this.#continue(memory, end);
    const { bytes } = memory;
    const at = this.#at;
    const available = end - at;
    if (available === 0) return false;
    const first = bytes[at]!;
    if (!this.#checkFirst(first)) return false;
    if (available === 1) return false;

    const second = bytes[at + 1]!;
    if (second < 0x80) return this.#fail("frame is not masked");
    const opcode = first & 0xf;
    let length = second & 0x7f;
    let header = 6;
    if (length > MAX_CONTROL_PAYLOAD) {
      if (opcode >= CONTROL) return this.#fail("control frame over 125 bytes");
      header = length === 126 ? 8 : 14;
      if (available < header - 4) return false;
      length = header === 8 ? uint16(bytes, at + 2) : uint64(bytes, at + 2);
      if (length < (header === 8 ? 126 : 65536)) {
        return this.#fail("length is not in its shortest form");
      }
      if (header === 14 && bytes[at + 2]! >= 0x80) {
        return this.#fail("length has its highest bit set");
      }
    }
    const limit = this.#maxPayload - this.#messageLength;
    if (length > limit && opcode < CONTROL && !this.#deflated) {
      return this.#fail(`over ${this.#maxPayload} bytes`, CLOSE_CODE.tooBig);
    }
    if (available < header) return false;

    const payload = at + header;
    const key = bytes[payload - 4]! | (bytes[payload - 3]! << 8) |
      (bytes[payload - 2]! << 16) | (bytes[payload - 1]! << 24);
    if (
      payload + length <= end &&
      ((!this.#deflated && length <= this.#maxPiece) || opcode >= CONTROL)
    ) {
      return this.#whole(memory, first, payload, length, key);
    }
    if (opcode >= CONTROL) return false;
    this.#inPayload = true;
    this.#opcode = opcode;
    this.#final = first >= FIN;
    this.#length = length;
    this.#seen = 0;
    this.#key = key;
    this.#at = payload;
    return this.#continue(memory, end);
  }

  /** The rules that the first byte of a header can break. */
  #checkFirst(first: number): boolean {
    if (
      (first === TEXT_FRAME || first === BINARY_FRAME) && this.#message === 0
    ) {
      return true;
    }
    const opcode = first & 0xf;
    if ((first & RSV) !== 0) return this.#checkReserved(first);
    if (opcode >= CONTROL) {
      if (opcode > PONG) return this.#fail("reserved opcode");
      if (first < FIN) return this.#fail("control frame is fragmented");
      return true;
    }
    if (opcode > BINARY) return this.#fail("reserved opcode");
    if (opcode === CONTINUATION) {
      if (this.#message === 0) return this.#fail("nothing to continue");
    } else if (this.#message !== 0) {
      return this.#fail("message inside a fragmented message");
    }
    return true;
  }

  /** RSV bits: RSV1 on the first frame of a message, where that was agreed on. */
  #checkReserved(first: number): boolean {
    const opcode = first & 0xf;
    if (this.#deflatedSink === undefined || (first & RSV) !== RSV1) {
      return this.#fail("RSV bit without an extension");
    }
    if (opcode !== TEXT && opcode !== BINARY) {
      return this.#fail("RSV1 on a frame that starts no message");
    }
    if (this.#message !== 0) {
      return this.#fail("message inside a fragmented message");
    }
    this.#deflated = true;
    return true;
  }

  /** A frame whose payload has all arrived. */
  #whole(
    memory: Memory,
    first: number,
    payload: number,
    length: number,
    key: number,
  ): boolean {
    const target = this.#target(payload, length);
    const isAscii = unmask(memory, payload, target, length, key);
    this.#at = payload + length;
    const opcode = first & 0xf;
    const end = target + length;
    if (opcode >= CONTROL) {
      if (opcode === CLOSE && !this.#checkClose(memory.bytes, target, end)) {
        return false;
      }
    } else {
      if (!this.#checkText(memory.bytes, opcode, target, end, isAscii)) {
        return false;
      }
      if (!this.#endFrame(opcode, first >= FIN, length)) return false;
    }
    return this.#sink.frame(opcode, first >= FIN, target, end, length, 0);
  }

  #target(payload: number, length: number): number {
    if (this.floor < 0) return payload;
    const target = this.floor + headerSize(length);
    return target < payload ? target : payload;
  }

  /** The next piece of a compressed data frame. */
  #deflatedPiece(memory: Memory, end: number): boolean {
    const from = this.#at;
    const count = Math.min(
      end - from,
      this.#length - this.#seen,
      this.#pieces ? SMALL_DEFLATED_PIECE : DEFLATED_PIECE,
    );
    if (count === 0 && this.#length > 0) return false;
    unmask(memory, from, from, count, rotateKey(this.#key, this.#seen));
    this.#seen += count;
    this.#at = from + count;
    const opcode = this.#opcode;
    const endsFrame = this.#seen === this.#length;
    const endsMessage = endsFrame && this.#final;
    this.#inPayload = !endsFrame;
    if (endsMessage) {
      this.#message = 0;
      this.#fragments = 0;
      this.#deflated = false;
    } else if (endsFrame && !this.#awaitContinuation(opcode)) {
      return false;
    }
    return this.#deflatedSink!.deflated(
      opcode,
      from,
      this.#at,
      endsFrame,
      endsMessage,
    );
  }

  /** A data frame whose payload arrives in more than one chunk. */
  #continue(memory: Memory, end: number): boolean {
    if (this.#deflated) return this.#deflatedPiece(memory, end);
    const from = this.#pieces ? this.#at : this.#at + this.#seen;
    const needed = Math.min(this.#length - this.#seen, this.#maxPiece);
    const count = Math.min(end - from, needed);
    if (count < needed && this.#maxPiece !== NO_LIMIT) return false;
    const opcode = this.#opcode;
    if (count > 0) {
      const key = rotateKey(this.#key, this.#seen);
      const isAscii = unmask(memory, from, from, count, key);
      this.#seen += count;
      if (!this.#checkText(memory.bytes, opcode, from, from + count, isAscii)) {
        return false;
      }
    }
    const length = this.#length;
    const left = length - this.#seen;
    if (left > 0) {
      if (!this.#pieces || count === 0) return false;
      this.#at = from + count;
      return this.#sink.frame(opcode, false, from, this.#at, length, left);
    }
    this.#inPayload = false;
    if (!this.#endFrame(opcode, this.#final, length)) return false;
    const start = this.#pieces ? from : this.#at;
    this.#at = from + count;
    return this.#sink.frame(opcode, this.#final, start, this.#at, length, 0);
  }

  /** RFC 6455 §8.1: text is UTF-8, from its first byte to its last. */
  #checkText(
    bytes: Uint8Array,
    opcode: number,
    start: number,
    end: number,
    isAscii: boolean,
  ): boolean {
    const message = opcode === CONTINUATION ? this.#message : opcode;
    if (message !== TEXT) return true;
    if (isAscii && this.#utf8.isComplete) return true;
    return this.#utf8.push(bytes, start, end) ||
      this.#fail("text is not UTF-8", CLOSE_CODE.invalidPayload);
  }

  /** Where a data frame ends, its message may end too. */
  #endFrame(opcode: number, final: boolean, length: number): boolean {
    if (!final) {
      if (this.#limitsMessage) this.#messageLength += length;
      return this.#awaitContinuation(opcode);
    }
    this.#message = 0;
    this.#messageLength = 0;
    this.#fragments = 0;
    return this.#utf8.isComplete ||
      this.#fail("text ends inside a character", CLOSE_CODE.invalidPayload);
  }

  /** A frame without FIN is one of several; there may be too many. */
  #awaitContinuation(opcode: number): boolean {
    if (opcode !== CONTINUATION) this.#message = opcode;
    return ++this.#fragments < this.#maxFragments ||
      this.#fail(
        `over ${this.#maxFragments} fragments`,
        CLOSE_CODE.policyViolation,
      );
  }

  /** RFC 6455 §5.5.1 and §7.4. */
  #checkClose(bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end) return true;
    if (end - start === 1) return this.#fail("close payload of one byte");
    if (!isCloseCodeAllowed(uint16(bytes, start))) {
      return this.#fail("close code may not be sent");
    }
    const reason = new Utf8Validator();
    return reason.push(bytes, start + 2, end) && reason.isComplete ||
      this.#fail("close reason is not UTF-8", CLOSE_CODE.invalidPayload);
  }

  /**
   * Decodes no further, and reports a fault to the sink.
   *
   * @param code the close code that fits
   * @param reason a few words
   */
  fail(code: number, reason: string): false {
    this.#failed = this.#stopped = true;
    this.#sink.fault(code, reason);
    return false;
  }

  #fail(reason: string, code: number = CLOSE_CODE.protocolError): false {
    return this.fail(code, reason);
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Exact below 2^53, and no limit is above that. */
function uint64(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
