/**
 * The loop: an input, what comes of it, the next.
 *
 * @module
 */

import { minimised, mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./targets.ts";

/** An input that something does not hold for. */
export interface Failure {
  /** The shortest that was found. */
  readonly input: Uint8Array;
  /** What does not hold. */
  readonly error: unknown;
}

/** Inputs that are kept to mutate further, beside the seeds. */
const MAX_KEPT = 512;

/** Milliseconds that an input may take. */
export const MAX_TIME = 1000;

/**
 * Tries inputs, the seeds first.
 *
 * @param target takes them
 * @param seed decides which; the same one gives the same inputs
 * @param goesOn is asked before each input, which it is told
 * @returns the failure, or nothing
 */
export function fuzz(
  target: FuzzTarget,
  seed: number,
  goesOn: (input: Uint8Array) => boolean,
): Failure | undefined {
  const random = new Random(seed);
  const pool = [...target.seeds];
  for (let i = 0;; i++) {
    const input = target.seeds[i] ?? mutate(random.of(pool), random, pool);
    if (!goesOn(input)) return undefined;
    const error = failureOf(target, input);
    if (error !== undefined) {
      const fails = (shorter: Uint8Array) =>
        failureOf(target, shorter) !== undefined;
      return { input: minimised(input, fails), error };
    }
    // Without knowing what code an input reaches, some of them are kept by chance.
    if (random.below(64) !== 0) continue;
    if (pool.length < target.seeds.length + MAX_KEPT) pool.push(input);
    else pool[target.seeds.length + random.below(MAX_KEPT)] = input;
  }
}

function failureOf(target: FuzzTarget, input: Uint8Array): unknown {
  const start = performance.now();
  try {
    target.check(input);
  } catch (error) {
    return error;
  }
  const time = performance.now() - start;
  return time > MAX_TIME ? new Error(`it took ${time} ms`) : undefined;
}
