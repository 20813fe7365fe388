/**
 * A clock that is read for a sample of the calls. Two reads per call would cost nearly as
 * much as an echo, in code that runs rarely and is not optimized.
 *
 * @module
 */

/** One call in so many reads the clock. */
const EVERY = 256;

/** Calls until the next one that reads the clock. */
let left = 1;

/** Returns `performance.now()` for the first call and for one in 256 after it; otherwise 0. */
export function sampledNow(): number {
  if (--left > 0) return 0;
  left = EVERY;
  return performance.now();
}
