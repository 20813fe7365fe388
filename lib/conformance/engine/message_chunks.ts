/**
 * Encodes a message in frames, chunk by chunk, so that a large one is never in memory as
 * a whole.
 *
 * @module
 */

import { maskingKey } from "../../client/frame.ts";
import {
  FIN,
  headerSize,
  MAX_HEADER,
  writeHeader,
} from "../../frame/codec/header.ts";
import { rotateKey, unmaskPlain } from "../../frame/codec/mask.ts";

/** A message to encode. */
export interface OutgoingMessage {
  /** Opcode of its first frame. */
  readonly opcode: number;
  /** Reserved bits of its first frame, 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  /** The FIN bit of its last frame. */
  readonly final: boolean;
  /** Bytes of the payload. */
  readonly length: number;
  /** Bytes of each fragment; unset: one frame. */
  readonly fragmentSize?: number | undefined;
  /** Whether the frames are masked, each with a new key. */
  readonly masked: boolean;
  /** Bytes of a chunk at most. */
  readonly chunkSize: number;
  /** Writes the payload from an offset on into `target`. */
  readonly fill: (target: Uint8Array, offset: number) => void;
}

const MASK = 0x80;
const KEY_BYTES = 4;

/**
 * Number of frames of a message. As in the suite, a length that is a multiple of the
 * fragment size gets an empty last fragment.
 *
 * @param length bytes of the payload
 * @param fragmentSize bytes of a fragment; unset: one frame
 */
export function frameCount(length: number, fragmentSize?: number): number {
  return fragmentSize === undefined || length <= fragmentSize
    ? 1
    : Math.floor(length / fragmentSize) + 1;
}

/**
 * Encodes a message.
 *
 * @param message to encode
 * @returns chunks in memory of their own
 */
export function* messageChunks(
  message: OutgoingMessage,
): Generator<Uint8Array<ArrayBuffer>, void> {
  const { length, fragmentSize, masked } = message;
  const count = frameCount(length, fragmentSize);
  const size = count === 1 ? length : fragmentSize!;
  let left = length + count * (headerSize(size) + (masked ? KEY_BYTES : 0));
  let chunk = new Chunk(Math.min(left, message.chunkSize));
  for (let i = 0; i < count; i++) {
    const start = i * size;
    const payload = Math.min(size, length - start);
    if (chunk.free < MAX_HEADER && chunk.free < left - chunk.length) {
      left -= chunk.length;
      yield chunk.filled;
      chunk = new Chunk(Math.min(left, message.chunkSize));
    }
    const first = (i === 0 ? message.opcode | message.rsv << 4 : 0) |
      (i === count - 1 && message.final ? FIN : 0);
    chunk.header(first, payload, masked);
    for (let done = 0; done < payload;) {
      if (chunk.free === 0) {
        left -= chunk.length;
        yield chunk.filled;
        chunk = new Chunk(Math.min(left, message.chunkSize), chunk.key);
      }
      done += chunk.payload(payload - done, start + done, message.fill);
    }
  }
  yield chunk.filled;
}

/** A chunk that is being filled. */
class Chunk {
  length = 0;
  /** The masking key of the current frame, rotated to its next byte. */
  key: number | undefined;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(size: number, key?: number) {
    this.#bytes = new Uint8Array(Math.max(size, MAX_HEADER));
    this.key = key;
  }

  get free(): number {
    return this.#bytes.length - this.length;
  }

  get filled(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  header(first: number, payload: number, masked: boolean): void {
    const bytes = this.#bytes;
    const at = this.length;
    this.length = writeHeader(bytes, at, first, payload);
    this.key = undefined;
    if (!masked) return;
    const key = maskingKey();
    bytes[at + 1]! |= MASK;
    bytes.set(key, this.length);
    this.length += KEY_BYTES;
    this.key = key[0]! | key[1]! << 8 | key[2]! << 16 | key[3]! << 24;
  }

  /** Writes as much of the payload as there is room for; returns its bytes. */
  payload(
    wanted: number,
    offset: number,
    fill: OutgoingMessage["fill"],
  ): number {
    const count = Math.min(wanted, this.free);
    const at = this.length;
    fill(this.#bytes.subarray(at, at + count), offset);
    if (this.key !== undefined) {
      const { buffer } = this.#bytes;
      const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
      unmaskPlain({ bytes: this.#bytes, words }, at, at, count, this.key);
      this.key = rotateKey(this.key, count);
    }
    this.length += count;
    return count;
  }
}

/**
 * Makes a `fill` that repeats a pattern.
 *
 * @param pattern at least one byte
 */
export function repeating(pattern: Uint8Array): OutgoingMessage["fill"] {
  if (pattern.length === 1) return (target) => target.fill(pattern[0]!);
  return (target, offset) => {
    const { length } = pattern;
    for (let i = 0, at = offset % length; i < target.length; i++) {
      target[i] = pattern[at]!;
      at = at + 1 === length ? 0 : at + 1;
    }
  };
}

/**
 * Makes a `fill` that copies.
 *
 * @param payload the whole payload
 */
export function copying(payload: Uint8Array): OutgoingMessage["fill"] {
  return (target, offset) =>
    target.set(payload.subarray(offset, offset + target.length));
}
