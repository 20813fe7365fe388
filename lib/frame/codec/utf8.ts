/**
 * UTF-8 (RFC 3629) checked as it arrives: across chunks, fragments, and parts of
 * a code point.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";

/** Chunks from this length on are worth the call of the runtime's own check. */
const BULK_FROM = 96;

/** A UTF-8 check that stops at the first byte which cannot be continued. */
export class Utf8Validator {
  /** Continuation bytes that the current code point still needs. */
  #needed = 0;
  /** What the next continuation byte has to lie between (RFC 3629 §4). */
  #lower = 0x80;
  #upper = 0xbf;

  /**
   * Starts a check, or goes on with one while that stays as it is.
   *
   * @param before the check to go on with
   */
  constructor(before?: Utf8Validator) {
    if (before === undefined) return;
    this.#needed = before.#needed;
    this.#lower = before.#lower;
    this.#upper = before.#upper;
  }

  /** Whether the bytes so far end with a whole code point. */
  get isComplete(): boolean {
    return this.#needed === 0;
  }

  /**
   * Takes the next bytes in.
   *
   * @param bytes where they are
   * @param start the first one
   * @param end the one behind the last
   * @returns false when no UTF-8 text begins with all that was taken in
   */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    while (this.#needed > 0 && start < end) {
      if (!this.#step(bytes[start++]!)) return false;
    }
    if (end - start >= BULK_FROM) {
      const whole = lastBoundary(bytes, start, end);
      if (!isUtf8(bytes.subarray(start, whole))) return false;
      start = whole;
    }
    while (start < end) {
      if (!this.#step(bytes[start++]!)) return false;
    }
    return true;
  }

  #step(byte: number): boolean {
    if (this.#needed > 0) {
      if (byte < this.#lower || byte > this.#upper) return false;
      this.#lower = 0x80;
      this.#upper = 0xbf;
      this.#needed--;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    if (byte < 0xe0) {
      this.#needed = 1;
    } else if (byte < 0xf0) {
      this.#needed = 2;
      if (byte === 0xe0) this.#lower = 0xa0;
      if (byte === 0xed) this.#upper = 0x9f;
    } else {
      this.#needed = 3;
      if (byte === 0xf0) this.#lower = 0x90;
      if (byte === 0xf4) this.#upper = 0x8f;
    }
    return true;
  }
}

/** The start of the code point that may be cut off at the end, at most 3 bytes back. */
function lastBoundary(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at]!;
    if (byte >= 0xc0) return at;
    if (byte < 0x80) return at + 1;
  }
  return end;
}
