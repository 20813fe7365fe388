/**
 * Runs properties; the number of runs is shared.
 *
 * @module
 */

import fc from "fast-check";
import { runs } from "../long.ts";

/** Runs of all properties together. */
const RUNS = runs(20_000, 100_000);

/**
 * Checks a property; fast-check prints the seed of a failure.
 *
 * @param hundredths percentage of all runs
 * @param property the property
 */
export function check<Values extends [unknown, ...unknown[]]>(
  hundredths: number,
  property: fc.IProperty<Values>,
): void {
  fc.assert(property, { numRuns: RUNS * hundredths / 100 });
}
