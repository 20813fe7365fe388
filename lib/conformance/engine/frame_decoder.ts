/**
 * Decodes the peer's frames (RFC 6455 §5.2) part by part. After a violation it continues:
 * the engine waits for the peer's CLOSE then.
 *
 * @module
 */

import {
  CONTROL,
  FIN,
  MAX_CONTROL_PAYLOAD,
  MAX_HEADER,
} from "../../frame/codec/header.ts";
import { rotateKey, unmaskPlain } from "../../frame/codec/mask.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import type { Role } from "../case/result.ts";

/** The header of a received frame. */
export interface FrameHeader {
  /** 0 to 15. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** The masking key; unset: not masked. */
  readonly mask: Uint8Array | undefined;
}

/** A step of the decoder. */
export type Decoded =
  | {
    /** A rule that the frame violates. */
    readonly kind: "violation";
    /** What the frame does. */
    readonly text: string;
  }
  | {
    /** A part of a payload, unmasked; an empty payload is one part. */
    readonly kind: "part";
    /** The frame's header. */
    readonly header: FrameHeader;
    /** Bytes of the payload before this part. */
    readonly offset: number;
    /** The part. */
    readonly bytes: Uint8Array<ArrayBuffer>;
    /** Whether the frame is complete. */
    readonly isLast: boolean;
  };

const MASK = 0x80;
const RSV1 = 4;

const { continuation: CONTINUATION, binary: BINARY, close: CLOSE, pong: PONG } =
  OPCODE_NUMBER;

/** Decodes the frames of one connection. */
export class FrameDecoder {
  readonly #role: Role;
  readonly #compressed: boolean;
  readonly #head = new Uint8Array(MAX_HEADER);
  #headLength = 0;
  #header: FrameHeader | undefined;
  #key = 0;
  /** Decoded bytes of the payload. */
  #offset = 0;
  #inMessage = false;
  #violations: string[] = [];
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #at = 0;
  #end = 0;

  /**
   * Makes a decoder.
   *
   * @param role the engine's role: a server gets masked frames
   * @param compressed whether permessage-deflate is negotiated
   */
  constructor(role: Role, compressed: boolean) {
    this.#role = role;
    this.#compressed = compressed;
  }

  /**
   * Gives the next bytes to the decoder, after {@linkcode FrameDecoder.next} has returned
   * `undefined`.
   *
   * @param bytes are unmasked in place
   */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = new Uint8Array(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
    this.#at = bytes.byteOffset;
    this.#end = bytes.byteOffset + bytes.length;
  }

  /**
   * Decodes on.
   *
   * @returns `undefined` if more bytes are needed
   */
  next(): Decoded | undefined {
    if (this.#header === undefined) this.#readHeader();
    const text = this.#violations.shift();
    if (text !== undefined) return { kind: "violation", text };
    const header = this.#header;
    if (header === undefined) return undefined;
    const left = header.length - this.#offset;
    const count = Math.min(left, this.#end - this.#at);
    if (count === 0 && left > 0) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    if (header.mask !== undefined) {
      const memory = { bytes: this.#bytes, words: this.#words };
      unmaskPlain(memory, this.#at, this.#at, count, this.#key);
      this.#key = rotateKey(this.#key, count);
    }
    const offset = this.#offset;
    this.#at += count;
    this.#offset += count;
    const isLast = count === left;
    if (isLast) this.#endFrame(header);
    return { kind: "part", header, offset, bytes, isLast };
  }

  #endFrame({ opcode, final }: FrameHeader): void {
    this.#header = undefined;
    this.#headLength = 0;
    if (opcode < CONTROL) this.#inMessage = !final;
  }

  #readHeader(): void {
    const head = this.#head;
    while (this.#at < this.#end) {
      head[this.#headLength++] = this.#bytes[this.#at++]!;
      if (this.#headLength < 2) continue;
      if (this.#headLength === 2) this.#check(head[0]!, head[1]!);
      if (this.#headLength === sizeOf(head[1]!)) return this.#parse();
    }
  }

  /** Checks the first two bytes; the peer need not send the rest of a wrong header. */
  #check(first: number, second: number): void {
    const opcode = first & 0xf;
    const rsv = (first >> 4) & 7;
    const isMasked = second >= MASK;
    const short = second & 0x7f;
    if (rsv !== 0 && !(this.#compressed && rsv === RSV1)) {
      this.#violations.push(`a frame with the reserved bits ${rsv}`);
    }
    if (isMasked !== (this.#role === "server")) {
      this.#violations.push(isMasked ? "a masked frame" : "an unmasked frame");
    }
    if (opcode >= CONTROL) {
      if (first < FIN) this.#violations.push("a fragmented control frame");
      if (short > MAX_CONTROL_PAYLOAD) {
        this.#violations.push("a control frame over 125 bytes");
      }
      if (opcode > PONG) this.#violations.push(`the opcode ${opcode}`);
      if (opcode === CLOSE && short === 1) {
        this.#violations.push("a CLOSE of one byte");
      }
      if (this.#compressed && rsv === RSV1) {
        this.#violations.push("a compressed control frame");
      }
      return;
    }
    if (opcode > BINARY) this.#violations.push(`the opcode ${opcode}`);
    if (!this.#inMessage && opcode === CONTINUATION) {
      this.#violations.push("a CONTINUATION that continues nothing");
    }
    if (this.#inMessage && opcode !== CONTINUATION) {
      this.#violations.push("a message inside another");
    }
    if (this.#inMessage && this.#compressed && rsv === RSV1) {
      this.#violations.push("a CONTINUATION with RSV1");
    }
  }

  #parse(): void {
    const head = this.#head;
    const short = head[1]! & 0x7f;
    const lengthEnd = lengthEndOf(short);
    let length = lengthEnd === 2 ? short : 0;
    for (let i = 2; i < lengthEnd; i++) length = length * 256 + head[i]!;
    if (lengthEnd > 2 && length < (lengthEnd === 4 ? 126 : 65_536)) {
      this.#violations.push("a length that is not in its shortest form");
    }
    if (length >= 2 ** 63) this.#violations.push("a length over 63 bits");
    const mask = head[1]! >= MASK
      ? head.slice(lengthEnd, lengthEnd + 4)
      : undefined;
    this.#key = mask === undefined
      ? 0
      : mask[0]! | mask[1]! << 8 | mask[2]! << 16 | mask[3]! << 24;
    this.#offset = 0;
    this.#header = {
      opcode: head[0]! & 0xf,
      final: head[0]! >= FIN,
      rsv: (head[0]! >> 4) & 7,
      length,
      mask,
    };
  }
}

/** The end of the length field. */
function lengthEndOf(short: number): number {
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

/** Bytes of the whole header, from its second byte. */
function sizeOf(second: number): number {
  return lengthEndOf(second & 0x7f) + (second >= MASK ? 4 : 0);
}
