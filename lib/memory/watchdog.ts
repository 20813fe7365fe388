/**
 * Ends the service before the system kills it, where the runtime holds memory
 * that the account cannot know of: on the edge listener it collects the fragments
 * of a message without a limit, and shows them when the message is complete.
 *
 * @module
 */

import {
  growthOf,
  type ProcessMemory,
  UNEXPLAINED,
  unexplainedBytes,
} from "./unexplained.ts";

/** Milliseconds between two looks. */
const LOOK = 100;

/**
 * Looks in a row at which the process has grown. Garbage is collected meanwhile, and
 * what was freed may stay resident, but does not grow.
 */
const LOOKS = 5;

/** Options of {@linkcode watchMemory}. */
export interface WatchdogOptions {
  /** Called once, when too much memory is not explained. */
  readonly exceeded: (unexplained: number) => void;
  /**
   * Bytes of resident memory.
   * @default those of the process
   */
  readonly residentBytes?: (() => number) | undefined;
}

/**
 * Watches the resident memory of the process. What it has grown by since the
 * start and the account does not explain may be twice the limit, and 512 MiB at
 * least; above that it may not go on growing.
 *
 * @param account explains
 * @param options what to do
 * @returns ends watching
 */
export function watchMemory(
  account: ProcessMemory,
  options: WatchdogOptions,
): () => void {
  const { exceeded, residentBytes } = options;
  const allowed = Math.max(2 * account.processLimit, UNEXPLAINED);
  const look = growthOf(unexplainedBytes(account, residentBytes));
  let looks = 0;
  const timer = setInterval(() => {
    const { bytes, isGrowing } = look();
    looks = bytes > allowed && isGrowing ? looks + 1 : 0;
    if (looks < LOOKS) return;
    clearInterval(timer);
    exceeded(bytes);
  }, LOOK);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
