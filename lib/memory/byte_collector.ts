/**
 * Puts pieces of bytes together.
 *
 * @module
 */

import type { Held } from "./held.ts";
import { grown } from "./resize.ts";

const EMPTY = new Uint8Array(0);

/** A growing run of bytes; holds no memory while it is empty. */
export class ByteCollector {
  readonly #held: Held | undefined;
  #bytes = EMPTY;
  #length = 0;

  /**
   * Starts empty.
   *
   * @param held is told what is held in memory
   */
  constructor(held?: Held) {
    this.#held = held;
  }

  /** Bytes collected since the last {@linkcode ByteCollector.take}. */
  get length(): number {
    return this.#length;
  }

  /**
   * Copies a piece behind what is there.
   *
   * @param piece may be reused by the caller afterwards
   */
  append(piece: Uint8Array): void {
    const end = this.#length + piece.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(piece, this.#length);
    this.#length = end;
  }

  /** Gives all that was collected, and starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  /** Forgets all that was collected. */
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
