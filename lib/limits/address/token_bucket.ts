/**
 * The token bucket in one number. Instead of tokens it keeps the time at which
 * the bucket would be full again (the generic cell rate algorithm of ITU-T
 * I.371), so that nothing has to be filled up as time goes by, and a
 * bucket whose time has come is like one that was never used.
 *
 * @module
 */

/** What taking a token comes to. */
export interface Take {
  /** When the bucket is full, in milliseconds of the caller's clock. */
  readonly fullAt: number;
  /** Milliseconds until there is a token; 0 where one was taken. */
  readonly wait: number;
}

/** Buckets of one size, which fill up at one rate; they hold a period's worth. */
export class TokenBucket {
  readonly #interval: number;
  readonly #tolerance: number;

  /**
   * Sets the rate.
   *
   * @param rate tokens in a period, at least 1
   * @param period its milliseconds
   */
  constructor(rate: number, period = 1000) {
    this.#interval = period / rate;
    this.#tolerance = period - this.#interval;
  }

  /**
   * Takes a token, if there is one.
   *
   * @param fullAt when the bucket is full; any time that has passed for a full one
   * @param now milliseconds of the same clock, which never goes back
   * @returns the bucket as it is now
   */
  take(fullAt: number, now: number): Take {
    const from = Math.max(fullAt, now);
    const wait = from - now - this.#tolerance;
    // A millionth of a millisecond is the clock's rounding, not a token's lack.
    return wait > 1e-6
      ? { fullAt, wait }
      : { fullAt: from + this.#interval, wait: 0 };
  }
}
