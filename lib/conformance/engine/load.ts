/**
 * The number of cases that run at the same time. Clients that share a machine are slower,
 * so their time limits are longer.
 *
 * @module
 */

/** Cases at the same time that do not make each other slower. */
const FREE = 8;

/** The factor at most, so that a time limit stays one. */
const MAX_FACTOR = 16;

let running = 0;

/** Counts a case that begins. */
export function caseBegins(): void {
  running++;
}

/** Counts a case that ends. */
export function caseEnds(): void {
  running--;
}

/** The factor of a time limit: 1 up to 8 cases, then their number by 8; 16 at most. */
export function limitFactor(): number {
  return Math.min(MAX_FACTOR, Math.max(1, running / FREE));
}
