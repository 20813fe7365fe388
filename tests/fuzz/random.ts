/**
 * Chance that can be had again.
 *
 * @module
 */

/** Numbers that depend on a seed alone (mulberry32). */
export class Random {
  #state: number;

  /**
   * Starts.
   *
   * @param seed any 32-bit number
   */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /**
   * A whole number.
   *
   * @param limit is above it
   */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor(((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  /**
   * One of several.
   *
   * @param items at least one
   */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
