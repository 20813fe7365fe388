/**
 * The places of MAX_CONNECTIONS.
 *
 * @module
 */

/** Bytes that the count takes. */
const SIZE = Int32Array.BYTES_PER_ELEMENT;

/** Counts places that are taken, by one thread or by several. */
export class ConnectionSlots {
  readonly #limit: number;
  readonly #count: Int32Array<ArrayBufferLike>;

  /**
   * Starts with what the memory says: of a new one, that all are free.
   *
   * @param limit places at most
   * @param memory shared by those whose places they are
   */
  constructor(limit: number, memory: ArrayBufferLike = new ArrayBuffer(SIZE)) {
    this.#limit = limit;
    this.#count = new Int32Array(memory);
  }

  /** Makes memory for threads to share. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(SIZE);
  }

  /** AddressSlots that are taken. */
  get taken(): number {
    return Atomics.load(this.#count, 0);
  }

  /**
   * Takes a place.
   *
   * @returns false when all are taken
   */
  take(): boolean {
    if (Atomics.add(this.#count, 0, 1) < this.#limit) return true;
    this.give();
    return false;
  }

  /** Gives a place back. */
  give(): void {
    Atomics.sub(this.#count, 0, 1);
  }
}
