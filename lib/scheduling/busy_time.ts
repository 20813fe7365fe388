/**
 * The time for which the process was busy. On a machine with more work than processors, a
 * process may wait for its turn while a clock continues.
 *
 * @module
 */

import { cpuUsage } from "node:process";

/** A moment, for {@linkcode busySince}. */
export interface Moment {
  /** Milliseconds of `performance.now()`. */
  readonly clock: number;
  /** Milliseconds of processor time that the process has used. */
  readonly processor: number;
}

/** Returns the current moment; takes 2 µs. */
export function moment(): Moment {
  const { user, system } = cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1000 };
}

/**
 * Returns the milliseconds of processor time since a moment, but not more than a clock
 * shows: several threads use more.
 *
 * @param start an earlier moment
 * @param now the end
 */
export function busySince(start: Moment, now: Moment = moment()): number {
  return Math.min(now.clock - start.clock, now.processor - start.processor);
}
