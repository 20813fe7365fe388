/**
 * Checks UTF-8
 * ({@link https://www.rfc-editor.org/rfc/rfc3629#section-4 | RFC 3629 §4}) as it arrives, across
 * fragments and across parts of a code point.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";

/** Bytes from which on the runtime's own check is faster. */
const BULK_FROM = 96;

/** Checks a stream of bytes, and fails at the first invalid one. */
export class Utf8Validator {
  /** Continuation bytes that the current code point still needs. */
  #needed = 0;
  /** The range of the next continuation byte (RFC 3629 §4). */
  #lower = 0x80;
  #upper = 0xbf;

  /**
   * Starts a check, or copies one.
   *
   * @param before the check to copy
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
   * Checks the next bytes.
   *
   * @param bytes holds them
   * @param start the first byte
   * @param end the byte after the last
   * @returns false where the bytes so far are not the beginning of a UTF-8 text
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

/** The end of the last code point that is known to be whole, at most 3 bytes back. */
function lastBoundary(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at]!;
    if (byte >= 0xc0) return at;
    if (byte < 0x80) return at + 1;
  }
  return end;
}
