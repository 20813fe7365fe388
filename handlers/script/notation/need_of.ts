/**
 * The requirement of a plan.
 *
 * @module
 */

import type { Need, Plan, PlannedStep } from "../engine/step.ts";

/**
 * Returns the requirement of a step.
 *
 * @param planned a step with its arguments
 */
export function needOfStep({ step, values, inner }: PlannedStep): Need {
  if (inner !== undefined) return needOfStep(inner);
  return step.needsWith?.(values) ?? step.needs;
}

/**
 * The step because of which a plan needs more than any listener, and what it needs.
 *
 * @param plan a list of steps
 */
export function needOf(
  { steps }: Plan,
): { readonly need: Need; readonly planned: PlannedStep | undefined } {
  let found: { need: Need; planned: PlannedStep | undefined } = {
    need: "any",
    planned: undefined,
  };
  let isClosed = false;
  for (const planned of steps) {
    // A connection sends nothing after its CLOSE; the wire does.
    const need = isClosed && doesMore(planned) ? "wire" : needOfStep(planned);
    if (need === "wire") return { need, planned };
    if (need === "frame" && found.need === "any") found = { need, planned };
    if (planned.step.name === "close") isClosed = true;
  }
  return found;
}

/**
 * Whether a plan runs on the bytes of the connection: a step needs them, or the client's
 * end would not be noticed without them.
 *
 * @param plan a list of steps
 * @param listener of the connection
 */
export function isOnWire(plan: Plan, listener: "edge" | "frame"): boolean {
  if (listener === "edge") return false;
  return needOf(plan).need === "wire" || plan.steps.some(prefersWire);
}

function prefersWire({ step, values, inner }: PlannedStep): boolean {
  if (inner !== undefined) return prefersWire(inner);
  return step.prefersWire?.(values) ?? false;
}

/** Whether a step after a CLOSE has an effect on the wire only. */
function doesMore({ step, inner }: PlannedStep): boolean {
  const { name } = inner?.step ?? step;
  return name !== "abort" && name !== "wait";
}
