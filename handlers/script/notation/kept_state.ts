/**
 * The state that a plan keeps between connections.
 *
 * @module
 */

import type { ThreadState } from "../../http/one_thread.ts";
import type { Plan, PlannedStep } from "../engine/step.ts";

/** A step, and the state that it keeps. */
export interface KeptState {
  /** The name of the step. */
  readonly name: string;
  /** The state. */
  readonly state: ThreadState;
}

/**
 * The first step of a plan that keeps state in the memory of a thread.
 *
 * @param plan a list of steps
 * @returns `undefined` for a plan that any thread can run
 */
export function keptState({ steps }: Plan): KeptState | undefined {
  for (const planned of steps) {
    const kept = keptByStep(planned);
    if (kept !== undefined) return kept;
  }
  return undefined;
}

function keptByStep(
  { step, values, inner }: PlannedStep,
): KeptState | undefined {
  const state = step.keeps ?? step.keepsWith?.(values);
  if (state !== undefined) return { name: step.name, state };
  return inner && keptByStep(inner);
}
