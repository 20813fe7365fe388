/**
 * Reads a plan from the notation of `/do/`: steps with slashes between them.
 *
 * @module
 */

import type { ListenerName } from "../../../lib/websocket.ts";
import type { Plan } from "../engine/step.ts";
import { checkPlan } from "./check_plan.ts";
import { parseStep } from "./parse_step.ts";
import { PlanError } from "./refusal.ts";

/** Maximum number of steps of a plan. */
export const MAX_STEPS = 64;

/**
 * Reads and checks a plan.
 *
 * @param path percent-encoded, without `/do/`; a slash at its end is ignored
 * @param listener that received the request
 * @throws {PlanError} the plan is invalid, or not one for the listener
 */
export function parsePlan(path: string, listener: ListenerName): Plan {
  const texts = path.replace(/\/$/, "").split("/");
  if (texts.length > MAX_STEPS) {
    throw new PlanError(
      `A plan has at most ${MAX_STEPS} steps, not ${texts.length}.`,
    );
  }
  const plan = { steps: texts.map(parseStep) };
  checkPlan(plan, listener);
  return plan;
}
