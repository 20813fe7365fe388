/**
 * Who was heard last: a count instead of a clock, which is cheaper to read and
 * never the same for two.
 *
 * @module
 */

let count = 0;

/** The number that was given last. */
export function latestActivity(): number {
  return count;
}

/** The next number, greater than all before it. */
export function nextActivity(): number {
  return ++count;
}
