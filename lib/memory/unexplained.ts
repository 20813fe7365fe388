/**
 * Memory of the process that the account does not explain.
 *
 * @module
 */

/**
 * The part of a memory account that concerns the whole process.
 *
 * @example
 * ```ts
 * import { type ProcessMemory, serve } from "@ws-echo/server";
 * import { assertLess } from "@std/assert";
 *
 * // Returns the part of the limit that is used.
 * const load = ({ explained, processLimit }: ProcessMemory) =>
 *   explained / processLimit;
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * assertLess(load(server.memory), 0.1);
 * ```
 */
export interface ProcessMemory {
  /** The limit of all threads of the process, in bytes. */
  readonly processLimit: number;
  /** Bytes that all threads of the process hold. */
  readonly explained: number;
}

/** Unexplained bytes that are always allowed: garbage, and memory kept for reuse. */
export const UNEXPLAINED: number = 512 * 2 ** 20;

/**
 * Minimum increase in bytes that counts as growth. It is compared with the last growth,
 * so that a slow one counts from time to time.
 */
const GROWTH = 4 * 2 ** 20;

/**
 * Decrease in bytes after which growth counts from there. Smaller ones come and go with
 * the collection of garbage.
 */
const DECREASE = 64 * 2 ** 20;

/** One measurement of the unexplained memory. */
export interface GrowthSample {
  /** Bytes that are not explained. */
  readonly bytes: number;
  /** Whether there are more than when they last grew. */
  readonly isGrowing: boolean;
}

/**
 * Compares measurements with the last one that was a growth, the first one with 0 bytes.
 *
 * @param measure returns the bytes that are not explained
 * @returns a function that measures once
 */
export function growthOf(measure: () => number): () => GrowthSample {
  let before = 0;
  return () => {
    const bytes = measure();
    const isGrowing = bytes > before + GROWTH;
    if (isGrowing || bytes < before - DECREASE) before = bytes;
    return { bytes, isGrowing };
  };
}

/** The accounts of the servers of this thread. */
const accounts = new Set<ProcessMemory>();

/**
 * Adds the account of a server to those that explain the memory of the process.
 *
 * @param account of a server that starts
 * @returns a function that removes it
 */
export function registerAccount(account: ProcessMemory): () => void {
  accounts.add(account);
  return () => void accounts.delete(account);
}

/** Bytes that an account and those of the other servers explain. */
function explainedBy(account: ProcessMemory): number {
  let sum = account.explained;
  for (const other of accounts) {
    if (other !== account) sum += other.explained;
  }
  return sum;
}

/**
 * Measures how much resident memory the process has more than at the time of this
 * call, without what the accounts of its threads and servers explain.
 *
 * @param account of this thread
 * @param residentBytes the process's memory
 */
export function unexplainedBytes(
  account: ProcessMemory,
  residentBytes: () => number = () => Deno.memoryUsage().rss,
): () => number {
  const atStart = residentBytes() - explainedBy(account);
  return () => residentBytes() - atStart - explainedBy(account);
}
