/**
 * A token bucket whose state is one number: the time at which the bucket is full
 * again (the generic cell rate algorithm of ITU-T I.371). A bucket whose time has
 * passed equals one that was never used, so no timer refills buckets.
 *
 * @module
 */

/** The result of {@linkcode TokenBucket.take}. */
export interface Take {
  /** The time at which the bucket is full, in milliseconds of the caller's clock. */
  readonly fullAt: number;
  /** Milliseconds until there is a token; 0 if one was taken. */
  readonly wait: number;
}

/** Buckets of one size and one rate; a bucket holds the tokens of one period. */
export class TokenBucket {
  readonly #interval: number;
  readonly #tolerance: number;

  /**
   * Sets the rate.
   *
   * @param rate tokens per period, at least 1
   * @param period milliseconds
   */
  constructor(rate: number, period = 1000) {
    this.#interval = period / rate;
    this.#tolerance = period - this.#interval;
  }

  /**
   * Takes a token if there is one.
   *
   * @param fullAt state of the bucket; any time in the past for a full bucket
   * @param now milliseconds of the same clock, which never goes back
   * @returns the new state of the bucket
   */
  take(fullAt: number, now: number): Take {
    const from = Math.max(fullAt, now);
    const wait = from - now - this.#tolerance;
    // A wait below a millionth of a millisecond is a rounding error of the clock.
    return wait > 1e-6
      ? { fullAt, wait }
      : { fullAt: from + this.#interval, wait: 0 };
  }
}
