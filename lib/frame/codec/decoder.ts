/**
 * The frame decoder: checks the frames of a client by RFC 6455, as a state machine
 * over bytes. It does no I/O and keeps no bytes. The rules:
 *
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | §5.2}: the header.
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.1 | §5.1} and
 *   {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.3 | §5.3}: masking.
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | §5.4}: fragments.
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5 | §5.5}: control frames.
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.4 | §7.4}: close codes.
 * - {@link https://www.rfc-editor.org/rfc/rfc6455#section-8.1 | §8.1}: UTF-8.
 * - {@link https://www.rfc-editor.org/rfc/rfc7692#section-6 | RFC 7692 §6}: RSV1.
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
import type { DeflatedSink, FrameSink } from "./sink.ts";
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

/** Bytes of compressed data in a piece; all that they inflate to is handled at once. */
const DEFLATED_PIECE = 16 * 1024;

/** Bytes of compressed data in a piece, where the sink gets pieces of frames. */
const SMALL_DEFLATED_PIECE = 1024;

/** The largest integer that V8 stores without a heap number. */
const NO_LIMIT = 2 ** 30 - 1;

/** Bytes of the longest frame in pieces: above 2^53 - 1 the rest cannot be counted. */
const MAX_COUNTED = Number.MAX_SAFE_INTEGER;

/** Options of {@linkcode Decoder}. */
export interface DecoderOptions {
  /** Bytes of a message, or of a frame; above it the fault is 1009. */
  readonly maxPayload: number;
  /** Whether `maxPayload` counts the fragments of a message together. */
  readonly limit: "message" | "frame";
  /** Whether to report the pieces of a data frame as they arrive, without `maxPayload`. */
  readonly pieces: boolean;
  /**
   * Bytes of each piece; the last one of a frame may be shorter.
   * @default the bytes that have arrived
   */
  readonly maxPiece?: number;
  /**
   * Frames of a message; above it the fault is 1008. RFC 6455 §7.4.1 has 1009 for
   * messages that are too big, but many frames may be empty.
   * @default any number
   */
  readonly maxFragments?: number;
  /**
   * Gets compressed messages, piece by piece and without `maxPayload`.
   * @default no message may be compressed
   */
  readonly deflated?: DeflatedSink | undefined;
}

/** Decodes the frames of one connection. */
export class Decoder {
  /**
   * The lowest address that a payload may be moved to, with room for an unmasked
   * header in front of it, so that an echo needs no copy; -1 moves no payload.
   */
  floor: number = -1;
  /** Frames between two calls of the sink's `hasTime`. */
  stride: number = NO_LIMIT;

  readonly #sink: FrameSink;
  readonly #maxPayload: number;
  readonly #limitsMessage: boolean;
  readonly #pieces: boolean;
  /** Bytes of a piece. */
  readonly #maxPiece: number;
  readonly #maxFragments: number;
  readonly #deflatedSink: DeflatedSink | undefined;
  /** Made for the first text that is not ASCII. */
  #utf8: Utf8Validator | undefined;

  /** The opcode of the current fragmented message, else 0. */
  #message = 0;
  /** Whether the current message is compressed. */
  #deflated = false;
  /** Payload bytes of the fragments before the current one. */
  #messageLength = 0;
  /** Frames of the message before the current one. */
  #fragments = 0;

  /** The first byte that is not consumed, during `decode`. */
  #at = 0;
  /** Whether the header of a data frame is consumed, and its payload is not complete. */
  #inPayload = false;
  #opcode = 0;
  #final = false;
  #length = 0;
  /** Payload bytes of that frame that are unmasked and checked. */
  #seen = 0;
  #key = 0;
  #failed = false;
  /** Stopped until the next input. */
  #inputEnded = false;
  /** Failed or stopped. */
  #stopped = false;

  /**
   * Makes a decoder at the start of a stream.
   *
   * @param sink gets the frames and the fault
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

  /** Payload bytes that the current frame still needs; 0 where its header is incomplete. */
  get missing(): number {
    return this.#inPayload ? this.#length - this.#seen : 0;
  }

  /**
   * Decodes bytes.
   *
   * @param memory holds the bytes; payloads are unmasked in it
   * @param start the first byte that was not consumed
   * @param end the byte after the last one
   * @returns the first byte that is not consumed; the next call has to present it and
   * those after it again, at any address
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

  /** Decodes nothing after the current frame or piece until {@linkcode Decoder.resume}. */
  stop(): void {
    this.#stopped = true;
  }

  /** Ends an {@linkcode Decoder.endInput}; called before each input is decoded. */
  beginInput(): void {
    if (this.#inputEnded) this.resume();
  }

  /** Decodes nothing after the current frame or piece until the next input. */
  endInput(): void {
    if (!this.#stopped) this.#inputEnded = this.#stopped = true;
  }

  /** Whether decoding is stopped or has failed. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Ends a {@linkcode Decoder.stop}. */
  resume(): void {
    this.#inputEnded = false;
    this.#stopped = this.#failed;
  }

  /**
   * Decodes one frame, or the part of it that has arrived; returns whether to continue.
   *
   * V8 inlines about 900 bytes of bytecode, those of a callee's own callees included, so
   * `#accept` does not call the sink, and rare work is in functions of its own.
   */
  #step(memory: Memory, end: number): boolean {
    if (this.#inPayload) return this.#continue(memory, end);
    const { bytes } = memory;
    const at = this.#at;
    const available = end - at;
    if (available === 0) return false;
    const first = bytes[at]!;
    const isMessage = this.#message === 0 &&
      (first === TEXT_FRAME || first === BINARY_FRAME);
    if (!isMessage && !this.#checkFirst(first)) return false;
    if (available === 1) return false;

    // RFC 6455 §5.1: a client masks every frame.
    const second = bytes[at + 1]!;
    if (second < 0x80) return this.#fail("frame is not masked");
    const opcode = first & 0xf;
    let length = second & 0x7f;
    let header = 6;
    if (length > MAX_CONTROL_PAYLOAD) {
      // RFC 6455 §5.5.
      if (opcode >= CONTROL) return this.#fail("control frame over 125 bytes");
      // RFC 6455 §5.2: the shortest form, and 63 bits at most.
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
    // RFC 6455 §10.4.
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
      const target = this.#target(payload, length);
      const isAscii = unmask(memory, payload, target, length, key);
      this.#at = payload + length;
      // Whole messages leave no state.
      return (isMessage && (isAscii || first === BINARY_FRAME) ||
        this.#accept(memory.bytes, first, target, length, isAscii)) &&
        this.#sink.frame(
          opcode,
          first >= FIN,
          target,
          target + length,
          length,
          0,
        );
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

  /** Checks a header's first byte: RSV, opcode (§5.2), FIN (§5.5), fragment order (§5.4). */
  #checkFirst(first: number): boolean {
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

  /** Checks RSV bits: RSV1 marks the first frame of a compressed message (RFC 7692 §6). */
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

  /** Checks a frame whose whole payload has arrived. */
  #accept(
    bytes: Uint8Array,
    first: number,
    start: number,
    length: number,
    isAscii: boolean,
  ): boolean {
    const opcode = first & 0xf;
    const end = start + length;
    if (opcode >= CONTROL) {
      return opcode !== CLOSE || this.#checkClose(bytes, start, end);
    }
    return this.#checkText(bytes, opcode, start, end, isAscii) &&
      this.#endFrame(opcode, first >= FIN, length);
  }

  /** The address that a payload is moved to. */
  #target(payload: number, length: number): number {
    if (this.floor < 0) return payload;
    const target = this.floor + headerSize(length);
    return target < payload ? target : payload;
  }

  /** Handles the next piece of a compressed data frame. */
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

  /** Handles a data frame whose payload arrives in more than one input. */
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

  /** RFC 6455 §8.1: the payload of a text message is UTF-8, also across fragments. */
  #checkText(
    bytes: Uint8Array,
    opcode: number,
    start: number,
    end: number,
    isAscii: boolean,
  ): boolean {
    const message = opcode === CONTINUATION ? this.#message : opcode;
    if (message !== TEXT) return true;
    if (isAscii && this.#utf8?.isComplete !== false) return true;
    this.#utf8 ??= new Utf8Validator();
    return this.#utf8.push(bytes, start, end) ||
      this.#fail("text is not UTF-8", CLOSE_CODE.invalidPayload);
  }

  /** Ends a data frame, and with FIN its message. */
  #endFrame(opcode: number, final: boolean, length: number): boolean {
    if (!final) {
      if (this.#limitsMessage) this.#messageLength += length;
      return this.#awaitContinuation(opcode);
    }
    this.#message = 0;
    this.#messageLength = 0;
    this.#fragments = 0;
    return this.#utf8?.isComplete !== false ||
      this.#fail("text ends inside a character", CLOSE_CODE.invalidPayload);
  }

  /** Ends a frame without FIN; the number of fragments is limited. */
  #awaitContinuation(opcode: number): boolean {
    if (opcode !== CONTINUATION) this.#message = opcode;
    return ++this.#fragments < this.#maxFragments ||
      this.#fail(
        `over ${this.#maxFragments} fragments`,
        CLOSE_CODE.policyViolation,
      );
  }

  /** Checks the payload of a CLOSE (RFC 6455 §5.5.1, §7.4). */
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
   * Stops decoding permanently, and reports a fault to the sink.
   *
   * @param code the close code
   * @param reason the fault in a few words
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

/** Reads 64 bits; exact below 2^53, and no limit is above that. */
function uint64(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
