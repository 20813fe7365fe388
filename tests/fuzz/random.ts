/**
 * Reproducible random numbers.
 *
 * @module
 */

/** A generator of random numbers that depend only on a seed (mulberry32). */
export class Random {
  #state: number;

  /**
   * Creates a generator.
   *
   * @param seed any 32-bit number
   */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /**
   * An integer from 0 to below a limit.
   *
   * @param limit at least 1
   */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor(((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  /**
   * One of the items.
   *
   * @param items at least one
   */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
