/**
 * The phases of the steps of a plan.
 *
 * @module
 */

import type { Phase, PlannedStep } from "../engine/step.ts";

/**
 * When a step runs; of a step in a step, the inner one counts. An end that may be left
 * out is no end.
 *
 * @param planned a step with its arguments
 */
export function phaseOf({ step, inner }: PlannedStep): Phase | "any" {
  if (inner === undefined) return step.phase;
  const phase = phaseOf(inner);
  return phase === "end" ? "connection" : phase;
}

/**
 * Number of steps that belong to the handshake: those in front of the first one that
 * belongs to the connection.
 *
 * @param steps of a plan
 */
export function handshakeLength(steps: readonly PlannedStep[]): number {
  const first = steps.findIndex((planned) => {
    const phase = phaseOf(planned);
    return phase !== "handshake" && phase !== "any";
  });
  return first < 0 ? steps.length : first;
}
