/**
 * A clock for what happens too often to be timed each time.
 *
 * @module
 */

/** One call in so many is told the time. */
const EVERY = 256;

/** Calls until the next one that is told. */
let left = 1;

/**
 * The time in milliseconds for the first call and one in 256 from then on, 0 for
 * the others: to read a clock twice and to note the difference, in code that is
 * rarely run and so never warm, costs nearly as much as an echo.
 */
export function sampledNow(): number {
  if (--left > 0) return 0;
  left = EVERY;
  return performance.now();
}
