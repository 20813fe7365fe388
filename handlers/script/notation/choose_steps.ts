/**
 * Decides for one connection which steps of a plan run.
 *
 * @module
 */

import type { ClientHistory, PlannedStep } from "../engine/step.ts";

/** Returns the history of a client for a step. */
export type HistoryOf = (client: string, step: string) => ClientHistory;

/**
 * Replaces the steps that depend on chance or on earlier connections by the steps that
 * run.
 *
 * @param steps of a plan
 * @param address of the client; a step `key` replaces it
 * @param historyOf returns the history of a client for a step
 */
export function chooseSteps(
  steps: readonly PlannedStep[],
  address: string,
  historyOf: HistoryOf,
): PlannedStep[] {
  const key = steps.find(({ step }) => step.name === "key")?.values[0];
  const client = key === undefined ? `address ${address}` : `key ${key}`;
  return steps.flatMap((planned) => {
    const { step, values, text, inner } = planned;
    if (step.choose === undefined) return [planned];
    const isChosen = step.choose(historyOf(client, text), values);
    return isChosen ? [inner ?? planned] : [];
  });
}
