/**
 * Memory of the process that the account does not explain.
 *
 * @module
 */

import type { MemoryAccount } from "./account.ts";

/** Bytes that are never too many: garbage, and memory that is kept for reuse. */
export const UNEXPLAINED: number = 512 * 2 ** 20;

/**
 * Measures how much resident memory the process has more than at the time of this
 * call, without what the account explains.
 *
 * @param account explains
 * @param residentBytes the process's memory
 */
export function unexplainedBytes(
  account: MemoryAccount,
  residentBytes: () => number = () => Deno.memoryUsage().rss,
): () => number {
  const atStart = residentBytes() - account.total;
  return () => residentBytes() - atStart - account.total;
}
