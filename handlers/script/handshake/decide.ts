/**
 * Runs the steps of the handshake.
 *
 * @module
 */

import type { Draft } from "../engine/draft.ts";
import type { PlannedStep } from "../engine/step.ts";

/**
 * Runs the steps on a draft, up to one that refuses.
 *
 * @param draft the answer; changed
 * @param steps of the handshake
 * @returns a promise only if a step takes time
 */
export function decide(
  draft: Draft,
  steps: readonly PlannedStep[],
): void | PromiseLike<void> {
  for (const [i, { step, values }] of steps.entries()) {
    if (draft.isDecided) return;
    const pending = step.draft?.(draft, values);
    if (pending !== undefined) {
      return pending.then(() => decide(draft, steps.slice(i + 1)));
    }
  }
}

/**
 * The refusal of a draft, with the fields that the plan adds.
 *
 * @param draft a decided answer
 */
export function refusalOf({ refusal, added }: Draft): Response | undefined {
  if (refusal === undefined) return undefined;
  for (const [name, value] of added) refusal.headers.append(name, value);
  return refusal;
}
