/**
 * A buffer that assembles chunks of bytes.
 *
 * @module
 */

import type { BufferCharge } from "./buffer_charge.ts";
import { grown } from "./resize.ts";

const EMPTY = new Uint8Array(0);

/** Assembles chunks; holds no memory while it is empty. */
export class ByteCollector {
  readonly #held: BufferCharge | undefined;
  #bytes = EMPTY;
  #length = 0;

  /** Starts empty. */
  constructor(held?: BufferCharge) {
    this.#held = held;
  }

  /** Bytes since the last {@linkcode ByteCollector.take}. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends a copy of a chunk.
   *
   * @param chunk bytes; the caller may reuse them
   */
  append(chunk: Uint8Array): void {
    const end = this.#length + chunk.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(chunk, this.#length);
    this.#length = end;
  }

  /** Returns all bytes, and starts empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  /** Drops all bytes. */
  clear(): void {
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#held?.set(0);
  }

  #grow(atLeast: number): void {
    const size = Math.max(atLeast, this.#bytes.length * 2, 256);
    this.#bytes = this.#bytes === EMPTY
      ? new Uint8Array(size)
      : grown(this.#bytes, size);
    this.#held?.set(size);
  }
}
