/**
 * Runs steps of the probe on a server.
 *
 * @module
 */

import { run } from "../../../lib/probe/run.ts";
import type { StepResult } from "../../../lib/probe/step/step.ts";
import { Target } from "../../../lib/probe/step/target.ts";
import { selectSteps, steps } from "../../../lib/probe/steps.ts";
import { within } from "../../integration/support/within.ts";
import { type Behaviour, serve } from "./faulty_server.ts";

/** The permission that the tests need. */
export const NET = { net: true } as const;

/** Milliseconds per step in tests of the timeout. */
export const SHORT = 300;

/**
 * Runs the selected steps.
 *
 * @param url the server's address
 * @param only names of the steps; empty: all steps
 * @param timeout milliseconds for each step
 */
export async function probe(
  url: URL,
  only: readonly string[],
  timeout = 10_000,
): Promise<StepResult[]> {
  const all = run(new Target(url), selectSteps(steps(20), only), timeout);
  return await within(Array.fromAsync(all), "the probe");
}

/**
 * Runs one step on a faulty server.
 *
 * @param behaviour of the server
 * @param step its name
 * @param timeout milliseconds for the step
 */
export async function probeOne(
  behaviour: Behaviour,
  step: string,
  timeout?: number,
): Promise<StepResult> {
  await using server = await serve(behaviour);
  const [result] = await probe(server.url, [step], timeout);
  return result!;
}
