/**
 * Ends the service before the system kills it. On the edge listener the runtime
 * collects the fragments of a message without a limit, and the account does not see
 * them before the message is complete.
 *
 * @module
 */

import {
  growthOf,
  type ProcessMemory,
  UNEXPLAINED,
  unexplainedBytes,
} from "./unexplained.ts";

/** Milliseconds between two measurements. */
const INTERVAL = 100;

/**
 * Measurements at which the process has grown. They are consecutive up to
 * {@linkcode CERTAIN} times what is allowed, as garbage is collected meanwhile. Freed
 * memory may stay resident, but does not grow.
 */
const GROWING_SAMPLES = 5;

/** Multiple of what is allowed above which a slow growth counts, too. */
const CERTAIN = 1.25;

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
 * Watches the resident memory of the process. The growth since the start that the
 * account does not explain may reach twice the limit, at least 512 MiB. If it
 * continues to grow above that, `exceeded` is called.
 *
 * @param account explains a part of the memory
 * @param options callback and measurement
 * @returns a function that ends watching
 */
export function watchMemory(
  account: ProcessMemory,
  options: WatchdogOptions,
): () => void {
  const { exceeded, residentBytes } = options;
  const allowed = Math.max(2 * account.processLimit, UNEXPLAINED);
  const sample = growthOf(unexplainedBytes(account, residentBytes));
  let growing = 0;
  const timer = setInterval(() => {
    const { bytes, isGrowing } = sample();
    if (bytes <= allowed) growing = 0;
    else if (isGrowing) growing++;
    else if (bytes <= CERTAIN * allowed) growing = 0;
    if (growing < GROWING_SAMPLES) return;
    clearInterval(timer);
    exceeded(bytes);
  }, INTERVAL);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
