/**
 * The steps of the probe, in their order.
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

/** Round trips that are measured where nobody says how many. */
export const DEFAULT_COUNT = 100;

/**
 * Every step.
 *
 * @param count round trips to measure
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

/** What `--only` may name: steps, and groups of them. */
export const STEP_NAMES: readonly string[] = [
  ...new Set(steps().flatMap(({ name, group }) => group ?? name)),
  ...steps().filter(({ group }) => group !== undefined).map(({ name }) => name),
];

/**
 * Some of the steps, in their order.
 *
 * @param all to choose from
 * @param names of steps or groups; none: all of them
 */
export function chosen(
  all: readonly Step[],
  names: readonly string[],
): readonly Step[] {
  if (names.length === 0) return all;
  return all.filter(({ name, group }) =>
    names.includes(name) || group !== undefined && names.includes(group)
  );
}
