/**
 * The list of steps, in the order in which they run.
 *
 * @module
 */

import type { Step } from "./step/step.ts";
import { async } from "./steps/async.ts";
import { closeCodes, closeEmpty } from "./steps/close.ts";
import { deflate } from "./steps/deflate.ts";
import { binary, empty, fragmented, large, text } from "./steps/echo.ts";
import { handshake } from "./steps/handshake.ts";
import { ping } from "./steps/ping.ts";
import { roundTrips } from "./steps/round_trips.ts";
import { closeIllegal, unmasked, utf8 } from "./steps/violation.ts";

/** Default of `--count`. */
export const DEFAULT_COUNT = 100;

/**
 * Makes every step.
 *
 * @param count number of round trips to measure
 */
export function steps(count = DEFAULT_COUNT): Step[] {
  return [
    handshake,
    text,
    binary,
    empty,
    fragmented,
    large,
    ping,
    async,
    deflate,
    utf8,
    unmasked,
    ...closeCodes,
    closeEmpty,
    closeIllegal,
    roundTrips(count),
  ];
}

/** The names that `--only` accepts: steps and groups. */
export const STEP_NAMES: readonly string[] = [
  ...new Set(steps().flatMap(({ name, group }) => group ?? name)),
  ...steps().filter(({ group }) => group !== undefined).map(({ name }) => name),
];

/**
 * Selects steps by name and keeps their order.
 *
 * @param all steps to select from
 * @param names of steps or groups; empty: all steps
 */
export function selectSteps(
  all: readonly Step[],
  names: readonly string[],
): readonly Step[] {
  if (names.length === 0) return all;
  return all.filter(({ name, group }) =>
    names.includes(name) || group !== undefined && names.includes(group)
  );
}
