/**
 * Memory of the process that the account does not explain.
 *
 * @module
 */

import type { MemoryAccount } from "./account.ts";

/** Bytes that are always allowed: garbage, and memory that is kept for reuse. */
export const UNEXPLAINED: number = 512 * 2 ** 20;

/** Minimum bytes of growth between two measurements. Freed memory may stay resident. */
const GROWTH = 4 * 2 ** 20;

/** A measurement of the memory. */
export interface Look {
  /** Bytes that are not explained. */
  readonly bytes: number;
  /** Whether there are more than at the last measurement. */
  readonly isGrowing: boolean;
}

/**
 * Compares each measurement with the previous one, the first with 0 bytes.
 *
 * @param measure bytes that are not explained
 * @returns takes a measurement
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
 * Measures the growth of the process's resident memory since this call, without the
 * memory that the accounts of its threads explain.
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
