/**
 * The connection slots of MAX_CONNECTIONS.
 *
 * @module
 */

/** Bytes of the counter. */
const SIZE = Int32Array.BYTES_PER_ELEMENT;

/** Counts the slots that are taken, in one thread or in several together. */
export class ConnectionSlots {
  readonly #limit: number;
  readonly #count: Int32Array<ArrayBufferLike>;

  /**
   * Uses a counter.
   *
   * @param limit number of slots
   * @param memory the counter, by {@linkcode ConnectionSlots.memory} where threads
   * share it
   */
  constructor(limit: number, memory: ArrayBufferLike = new ArrayBuffer(SIZE)) {
    this.#limit = limit;
    this.#count = new Int32Array(memory);
  }

  /** Makes a counter that threads can share. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(SIZE);
  }

  /** Slots that are taken. */
  get taken(): number {
    return Atomics.load(this.#count, 0);
  }

  /**
   * Takes a slot.
   *
   * @returns false if all slots are taken
   */
  take(): boolean {
    if (Atomics.add(this.#count, 0, 1) < this.#limit) return true;
    this.release();
    return false;
  }

  /** Releases a slot. */
  release(): void {
    Atomics.sub(this.#count, 0, 1);
  }
}
