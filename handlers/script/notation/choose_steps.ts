/**
 * Decides for one connection which steps of a plan run.
 *
 * @module
 */

import type { Chance, PlannedStep } from "../engine/step.ts";

/** Returns what the choice of a step knows of the connection. */
export type ChanceOf = (client: string, step: string) => Chance;

/**
 * Replaces the steps that depend on chance or on earlier connections by the steps that
 * run.
 *
 * @param steps of a plan
 * @param address of the client; a step `key` replaces it
 * @param chanceOf counts the connections of a client
 */
export function chooseSteps(
  steps: readonly PlannedStep[],
  address: string,
  chanceOf: ChanceOf,
): PlannedStep[] {
  const key = steps.find(({ step }) => step.name === "key")?.values[0];
  const client = key === undefined ? `address ${address}` : `key ${key}`;
  return steps.flatMap((planned) => {
    const { step, values, text, inner } = planned;
    if (step.choose === undefined) return [planned];
    const isChosen = step.choose(chanceOf(client, text), values);
    return isChosen ? [inner ?? planned] : [];
  });
}
