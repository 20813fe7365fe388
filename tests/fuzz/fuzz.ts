/**
 * The loop of the fuzzer.
 *
 * @module
 */

import { minimised, mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./targets.ts";

/** An input that fails. */
export interface Failure {
  /** The shortest failing input that was found. */
  readonly input: Uint8Array;
  /** Its error. */
  readonly error: unknown;
}

/** Inputs in addition to the seeds that are mutated further. */
const MAX_KEPT = 512;

/** Milliseconds per input, at most. */
export const MAX_TIME = 1000;

/**
 * Checks inputs, the seeds first, until one fails.
 *
 * @param target checks the inputs
 * @param seed of the random choices; the same seed gives the same inputs
 * @param goesOn is called with each input before its check; false ends the loop
 * @returns the failure, if there is one
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
    // The fuzzer does not know an input's code coverage, so it keeps random ones.
    if (random.below(64) !== 0) continue;
    if (pool.length < target.seeds.length + MAX_KEPT) pool.push(input);
    else pool[target.seeds.length + random.below(MAX_KEPT)] = input;
  }
}

/** Runs of an input that takes too long: a busy machine rarely delays all of them. */
const RUNS = 5;

function failureOf(target: FuzzTarget, input: Uint8Array): unknown {
  let time = 0;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    try {
      target.check(input);
    } catch (error) {
      return error;
    }
    time = performance.now() - start;
    if (time <= MAX_TIME) return undefined;
  }
  return new Error(`it took ${time} ms`);
}
