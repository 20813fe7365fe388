/**
 * Walks over the frames of one direction (RFC 6455 §5.2) without holding them: it keeps
 * at most a header. No violation stops it.
 *
 * @module
 */

import { FIN, MAX_HEADER } from "../../../lib/frame/codec/header.ts";

/** A frame's header. */
export interface FrameHeader {
  /** A number from 0 to 15. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** RSV1 to RSV3 as a number from 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  /** The masking key as a 32-bit number; `undefined` if the frame is not masked. */
  readonly mask: number | undefined;
  /** Size of the length field in bits. */
  readonly lengthBits: 7 | 16 | 64;
  /** Bytes of the payload; above 2^53 not exact. */
  readonly length: number;
}

/** Gets the frames of a {@linkcode FrameParser}. */
export interface FrameSink {
  /**
   * A header is complete.
   *
   * @param header of the frame
   */
  started(header: FrameHeader): void;
  /**
   * The next bytes of the payload.
   *
   * @param bytes unmasked; valid during the call
   */
  payload(bytes: Uint8Array): void;
  /** The last byte of the frame was seen. */
  ended(): void;
}

/** Bytes that are unmasked at a time. */
const BLOCK = 4096;

const MASK = 0x80;

/** Parses the frames of one direction. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #header = new Uint8Array(MAX_HEADER);
  readonly #block = new Uint8Array(BLOCK);
  /** Bytes of the header so far. */
  #headerBytes = 0;
  /** Bytes of the payload to come; -1 inside a header. */
  #left = -1;
  /** Start of the masking key in the header; 0: not masked. */
  #keyAt = 0;
  /** Bytes of the payload so far, modulo 4. */
  #phase = 0;

  /**
   * Makes a parser at the start of a stream of frames.
   *
   * @param sink gets the frames
   */
  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The bytes of an incomplete header; empty between frames and inside a payload. */
  get incompleteHeader(): Uint8Array {
    return this.#header.subarray(0, this.#left < 0 ? this.#headerBytes : 0);
  }

  /**
   * Parses the next bytes.
   *
   * @param bytes any number of them
   */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left < 0) {
        this.#header[this.#headerBytes++] = bytes[at++]!;
        this.#startIfComplete();
      } else {
        const size = Math.min(this.#left, bytes.length - at);
        this.#payload(bytes.subarray(at, at + size));
        at += size;
      }
    }
  }

  #startIfComplete(): void {
    const count = this.#headerBytes;
    if (count < 2) return;
    const header = this.#header;
    const first = header[0]!;
    const second = header[1]!;
    const short = second & 0x7f;
    const lengthEnd = short < 126 ? 2 : short === 126 ? 4 : 10;
    const isMasked = second >= MASK;
    if (count < lengthEnd + (isMasked ? 4 : 0)) return;
    let length = lengthEnd === 2 ? short : 0;
    for (let i = 2; i < lengthEnd; i++) length = length * 256 + header[i]!;
    const view = new DataView(header.buffer);
    this.#keyAt = isMasked ? lengthEnd : 0;
    this.#phase = 0;
    this.#left = length;
    this.#sink.started({
      opcode: first & 0xf,
      final: first >= FIN,
      rsv: (first >> 4) & 7,
      mask: isMasked ? view.getUint32(lengthEnd) : undefined,
      lengthBits: lengthEnd === 2 ? 7 : lengthEnd === 4 ? 16 : 64,
      length,
    });
    if (length === 0) this.#end();
  }

  #payload(bytes: Uint8Array): void {
    if (this.#keyAt === 0) this.#sink.payload(bytes);
    else this.#unmasked(bytes);
    this.#left -= bytes.length;
    if (this.#left === 0) this.#end();
  }

  #unmasked(bytes: Uint8Array): void {
    const key = this.#header;
    const keyAt = this.#keyAt;
    for (let start = 0; start < bytes.length; start += BLOCK) {
      const size = Math.min(BLOCK, bytes.length - start);
      for (let i = 0; i < size; i++) {
        this.#block[i] = bytes[start + i]! ^ key[keyAt + (this.#phase & 3)]!;
        this.#phase++;
      }
      this.#phase &= 3;
      this.#sink.payload(this.#block.subarray(0, size));
    }
  }

  #end(): void {
    this.#left = -1;
    this.#headerBytes = 0;
    this.#sink.ended();
  }
}
