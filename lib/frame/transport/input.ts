/**
 * The input of one connection: the bytes that arrived and are not consumed, and
 * the receive buffer that holds them. The buffer grows while reads fill it, and
 * for a long frame.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { MAX_HEADER } from "../codec/header.ts";
import type { Memory } from "../codec/memory.ts";
import { bufferPool, MIN_BUFFER, type ReceiveBuffer } from "./buffer_pool.ts";

/** A connection's usual buffer grows up to this size while reads fill it. */
const MAX_USUAL = 8 * 1024;

/** Reads that fill the buffer until the connection's usual one grows. */
const FILLS = 4;

/** Bytes of the large buffer that follows when a read has filled the current one. */
const LARGE = 64 * 1024;

/** Bytes of the largest such buffer, when reads go on to fill it. */
const MAX_LARGE = 256 * 1024;

/** Maximum bytes of one read. */
const MAX_READ = 256 * 1024;

/** Bytes left free in front of a payload that is moved, for the header of an echo. */
const HEADROOM = MAX_HEADER + 2;

/** Minimum free bytes after an incomplete frame to read without moving it. */
const MIN_ROOM = 256;

/** Holds the bytes of one connection between reads. */
export class Input {
  /** The first byte that is not consumed. */
  start: number;
  /** The byte after the last one that arrived. */
  end: number;

  readonly #charge: MemoryCharge;
  #buffer: ReceiveBuffer;
  /** Bytes of the connection's usual buffer. */
  #usualSize = MIN_BUFFER;
  /** Reads that have filled the usual buffer since it grew. */
  #fills = 0;
  #isFilled = false;
  #isReleased = false;

  /**
   * Takes over a buffer.
   *
   * @param buffer holds the bytes that have arrived
   * @param start the first of them
   * @param end the byte after the last of them
   * @param charge the connection's share of the memory account
   */
  constructor(
    buffer: ReceiveBuffer,
    start: number,
    end: number,
    charge: MemoryCharge,
  ) {
    this.#buffer = buffer;
    this.start = start;
    this.end = end;
    this.#charge = charge;
    charge.add(buffer.size);
  }

  /** The memory of the buffer. */
  get memory(): Memory {
    return this.#buffer.memory;
  }

  /** Where the next read goes; never empty after {@linkcode Input.arrange}. */
  get room(): Uint8Array<ArrayBuffer> {
    const { memory, offset, size, view } = this.#buffer;
    const at = this.end;
    return at === offset && size <= MAX_READ
      ? view
      : memory.bytes.subarray(at, Math.min(offset + size, at + MAX_READ));
  }

  /**
   * Counts the bytes of a read.
   *
   * @param count how many
   */
  arrived(count: number): void {
    this.end += count;
    this.#isFilled = this.end === this.#buffer.offset + this.#buffer.size;
  }

  /**
   * Makes room for the next read: a buffer of the right size, and the bytes that
   * are not consumed at its front.
   *
   * @param missing bytes that the current frame still needs, at least
   */
  arrange(missing: number): void {
    const buffer = this.#buffer;
    const rest = this.end - this.start;
    if (this.#isFilled) this.#growUsual();
    if (rest === 0 && missing === 0) {
      if (buffer.size !== this.#usualSize) this.#swap(this.#usualSize, 0);
      this.start = this.end = this.#buffer.offset;
      return;
    }
    // Inside a frame, a header's room is needed in front of the payload, even if no
    // byte of it has arrived.
    const room = buffer.offset + buffer.size - this.end;
    // While a quarter of the buffer is free, a copy costs more than it gains.
    if (room >= Math.min(missing, buffer.size / 4) && room >= MIN_ROOM) return;
    const needed = HEADROOM + rest + Math.max(missing, MIN_ROOM);
    const large = buffer.size < LARGE
      ? LARGE
      : Math.min(buffer.size * 4, MAX_LARGE);
    const size = Math.max(
      this.#isFilled ? large : this.#usualSize,
      Math.min(needed, 4 * (HEADROOM + rest + MIN_ROOM)),
    );
    if (size > buffer.size) this.#swap(size, HEADROOM);
    else this.#move(buffer, HEADROOM);
  }

  /**
   * Drops all bytes.
   *
   * @param mayShrink whether no write refers to the buffer
   */
  discard(mayShrink: boolean): void {
    this.start = this.end = this.#buffer.offset;
    if (mayShrink && this.#buffer.size > MAX_USUAL) this.#swap(MAX_USUAL, 0);
  }

  /** Gives the buffer back; only the first call counts. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    bufferPool.give(this.#buffer);
  }

  /** Doubles the usual buffer of a connection whose reads go on to fill it. */
  #growUsual(): void {
    if (this.#buffer.size !== this.#usualSize || this.#usualSize >= MAX_USUAL) {
      return;
    }
    if (++this.#fills <= FILLS) return;
    this.#usualSize *= 2;
    this.#fills = 0;
  }

  #swap(size: number, headroom: number): void {
    const old = this.#buffer;
    const buffer = bufferPool.take(size);
    this.#charge.add(buffer.size - old.size);
    this.#move(buffer, headroom);
    this.#buffer = buffer;
    bufferPool.give(old);
  }

  /** Moves the rest to the front of a buffer. */
  #move(buffer: ReceiveBuffer, headroom: number): void {
    const from = this.#buffer.memory.bytes;
    const to = buffer.offset + headroom;
    if (buffer.memory.bytes === from && to === this.start) return;
    if (buffer.memory.bytes === from) {
      from.copyWithin(to, this.start, this.end);
    } else {
      buffer.memory.bytes.set(from.subarray(this.start, this.end), to);
    }
    this.end = to + this.end - this.start;
    this.start = to;
  }
}
