/**
 * A payload that is sent in fragments
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}).
 *
 * The fragments are made when they are to be written. Making all of them at once
 * would take memory, and block the other connections. A long payload that is
 * compressed leaves in fragments too (RFC 7692 §6.1).
 *
 * @module
 */

import { copied } from "../../memory/resize.ts";
import { FIN, headerSize, MAX_HEADER, writeHeader } from "../codec/header.ts";
import type { FrameSource } from "../transport/output.ts";
import type { MessageDeflater } from "./message_deflater.ts";

/** Bytes of a payload up to which it is compressed at once, in one frame. */
export const MAX_AT_ONCE = 128 * 1024;

/** Bytes of a fragment of a long payload, before it is compressed. */
export const COMPRESSED_FRAGMENT = 64 * 1024;

/** Bytes of fragments that {@linkcode Fragments.next} makes, about. */
const CHUNK = 64 * 1024;

/** Fragments that one {@linkcode Fragments.next} compresses at most. */
const MAX_COMPRESSED = 64;

/** Makes the fragments of one payload. */
export class Fragments implements FrameSource {
  readonly #payload: Uint8Array;
  readonly #size: number;
  readonly #deflater: MessageDeflater | undefined;
  readonly #isFinal: boolean;
  /** The first byte of the next fragment's header, without FIN. */
  #first: number;
  #at = 0;
  #isDone = false;

  /**
   * Makes a source.
   *
   * @param first FIN, RSV1 and opcode that a single frame would have
   * @param payload belongs to the source from now on
   * @param size bytes of a fragment, before compression
   * @param deflater compresses the fragments; `undefined`: they are not compressed
   */
  constructor(
    first: number,
    payload: Uint8Array,
    size: number,
    deflater: MessageDeflater | undefined,
  ) {
    this.#payload = payload;
    this.#size = size;
    this.#deflater = deflater;
    this.#isFinal = first >= FIN;
    this.#first = first & ~FIN;
  }

  /** Bytes of the payload that are in no fragment yet; 1 for an empty payload. */
  get length(): number {
    return this.#isDone ? 0 : Math.max(this.#payload.length - this.#at, 1);
  }

  /** Whether all fragments are made. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Makes the next fragments. */
  next(): Uint8Array<ArrayBuffer> {
    return this.#deflater === undefined
      ? this.#plain()
      : this.#compressed(this.#deflater);
  }

  #plain(): Uint8Array<ArrayBuffer> {
    const size = Math.min(this.#size, this.length);
    const count = Math.max(Math.ceil(CHUNK / (size + headerSize(size))), 1);
    const chunk = new Uint8Array(
      Math.min(count * size, this.length) + count * headerSize(size),
    );
    let end = 0;
    for (let i = 0; i < count && !this.#isDone; i++) {
      const piece = this.#piece();
      end = writeHeader(chunk, end, this.#header(), piece.length);
      chunk.set(piece, end);
      end += piece.length;
    }
    return chunk.subarray(0, end);
  }

  #compressed(deflater: MessageDeflater): Uint8Array<ArrayBuffer> {
    let chunk = new Uint8Array(this.#size + MAX_HEADER);
    let end = 0;
    for (
      let i = 0;
      i < MAX_COMPRESSED && end < CHUNK && !this.#isDone;
      i++
    ) {
      const piece = this.#piece();
      const first = this.#header();
      const payload = deflater.deflate(piece, first >= FIN);
      const needed = end + payload.length + MAX_HEADER;
      if (needed > chunk.length) {
        chunk = copied(chunk, end, Math.max(needed, 2 * chunk.length));
      }
      end = writeHeader(chunk, end, first, payload.length);
      chunk.set(payload, end);
      end += payload.length;
    }
    return chunk.subarray(0, end);
  }

  #piece(): Uint8Array {
    const piece = this.#payload.subarray(this.#at, this.#at + this.#size);
    this.#at += piece.length;
    this.#isDone = this.#at === this.#payload.length;
    return piece;
  }

  /** The header of the last piece; the next ones are continuations, without RSV1. */
  #header(): number {
    const first = this.#first;
    this.#first = 0;
    return this.#isDone && this.#isFinal ? first | FIN : first;
  }
}
