/**
 * Counts of the activity of all connections of the thread. The count of arrivals orders
 * connections by their last activity: it is cheaper to read than a clock, and two
 * activities never have the same number.
 *
 * @module
 */

let count = 0;
let openings = 0;
let ends = 0;
let writes = 0;

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

/** Counts the end of a connection of the edge listener. */
export function noteEnd(): void {
  ends++;
}

/** Returns the openings of all connections and the ends of those of the edge listener. */
export function transitionCount(): number {
  return openings + ends;
}

/** Returns the activities of all connections and the ends of those of the edge listener. */
export function eventCount(): number {
  return count + ends;
}

/** Counts a write: a message of the edge listener, or output of the frame listener. */
export function noteWrite(): void {
  writes++;
}

/**
 * Returns the writes beyond one for each message or read of a client: what the server
 * has sent unasked, in a broadcast for example. It falls where clients get no answer.
 */
export function unaskedWrites(): number {
  return writes - (count - openings);
}
