/**
 * A clock for what happens too often to be timed each time.
 *
 * @module
 */

/** One in so many is timed; a power of two. */
const EVERY = 64;

let asked = 0;

/**
 * The time in milliseconds for one call in 64, 0 for the others: reading a clock
 * costs as much as a tenth of an echo.
 */
export function sampledNow(): number {
  asked = (asked + 1) & (EVERY - 1);
  return asked === 0 ? performance.now() : 0;
}
