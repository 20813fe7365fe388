/**
 * A count of activity, which orders connections by their last activity. A count is
 * cheaper to read than a clock, and two activities never have the same number.
 *
 * @module
 */

let count = 0;
let openings = 0;

/** Returns the number of the latest activity of all connections. */
export function latestActivity(): number {
  return count;
}

/** Counts an activity; returns its number, which is greater than all before it. */
export function nextActivity(): number {
  return ++count;
}

/** Counts the opening of a connection as an activity; returns its number. */
export function firstActivity(): number {
  openings++;
  return ++count;
}

/** Returns the activities of all connections without their openings. */
export function messageCount(): number {
  return count - openings;
}
