/**
 * A clock that is read for a sample of the calls. Two reads per call would cost nearly as
 * much as an echo, in code that runs rarely and is not optimized.
 *
 * The number of calls between two reads is random, so that each of several servers in
 * the process has its share of them in any order of their calls.
 *
 * @module
 */

/** One call in so many reads the clock, on average. */
const EVERY = 256;

/** Calls until the next one that reads the clock. */
let left = 1;

/**
 * Returns `performance.now()` for the first call and for one in 128 to 383 after it;
 * otherwise 0.
 */
export function sampledNow(): number {
  if (--left > 0) return 0;
  left = EVERY / 2 + Math.floor(Math.random() * EVERY);
  return performance.now();
}
