/**
 * Memory of the process that the account does not explain.
 *
 * @module
 */

import type { MemoryAccount } from "./account.ts";

/** Bytes that are never too many: garbage, and memory that is kept for reuse. */
export const UNEXPLAINED: number = 512 * 2 ** 20;

/** Bytes between two looks that are growth. What was freed may stay resident. */
const GROWTH = 4 * 2 ** 20;

/** What a look at the memory shows. */
export interface Look {
  /** Bytes that are not explained. */
  readonly bytes: number;
  /** Whether there are more than at the last look. */
  readonly isGrowing: boolean;
}

/**
 * Compares each look with the one before it, the first one with 0 bytes.
 *
 * @param measure bytes that are not explained
 * @returns looks
 */
export function growthOf(measure: () => number): () => Look {
  let before = 0;
  return () => {
    const bytes = measure();
    const isGrowing = bytes > before + GROWTH;
    before = bytes;
    return { bytes, isGrowing };
  };
}

/**
 * Measures how much resident memory the process has more than at the time of this
 * call, without what the accounts of its threads explain.
 *
 * @param account of this thread
 * @param residentBytes the process's memory
 */
export function unexplainedBytes(
  account: MemoryAccount,
  residentBytes: () => number = () => Deno.memoryUsage().rss,
): () => number {
  const atStart = residentBytes() - account.explained;
  return () => residentBytes() - atStart - account.explained;
}
