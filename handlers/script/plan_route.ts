/**
 * `/do/…` and `/fault/NAME`: routes whose path is a plan.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type {
  HandshakeInfo,
  HandshakeResult,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { answerOnWire, answerPlan, refusePlan } from "./answer_plan.ts";
import { MAX_TIME } from "./arguments/argument.ts";
import type { PlanContext } from "./context.ts";
import type { Plan } from "./engine/step.ts";
import { FAULTS } from "./faults/table.ts";
import { ClientStates } from "./handshake/client_states.ts";
import { chooseSteps } from "./notation/choose_steps.ts";
import { needOf } from "./notation/need_of.ts";
import { parsePlan } from "./notation/parse_plan.ts";
import { PlanError } from "./notation/refusal.ts";

/** Path of the plans that are written in it. */
export const DO_PATH = "/do/";

/** Path of the named plans. */
export const FAULT_PATH = "/fault/";

/**
 * Makes the route of plans in a path.
 *
 * @param context parts of the running service
 */
export function doRoute(context: PlanContext): WebSocketHandler {
  const states = new ClientStates();
  return planRoute((request, info) => {
    const { pathname } = new URL(request.url);
    const notation = pathname.slice(DO_PATH.length);
    return answer(notation, request, info, context, states);
  });
}

/**
 * Makes the route of named plans.
 *
 * @param context parts of the running service
 */
export function faultRoute(context: PlanContext): WebSocketHandler {
  const states = new ClientStates();
  return planRoute((request, info) => {
    const fault = FAULTS.get(info.params.name ?? "");
    return fault === undefined
      ? unknownFault(request)
      : answer(fault.plan, request, info, context, states);
  });
}

type PlanHandshake = (
  request: Request,
  info: HandshakeInfo,
) => HandshakeResult | Promise<HandshakeResult>;

/** A plan replaces the handler of each connection. */
function planRoute(handshake: PlanHandshake): WebSocketHandler {
  return { handshake, frame() {} };
}

function answer(
  notation: string,
  request: Request,
  info: HandshakeInfo,
  context: PlanContext,
  states: ClientStates,
): HandshakeResult | Promise<HandshakeResult> {
  const { listener, remoteAddr } = info;
  let plan: Plan;
  try {
    plan = parsePlan(notation, listener);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const { pathname } = new URL(request.url);
    return refusePlan(request, error, context, pathname);
  }
  const chosen = {
    steps: chooseSteps(
      plan.steps,
      addressOf(remoteAddr),
      (client, step) => states.chance(client, step),
    ),
  };
  if (listener === "frame" && needsWire(plan)) {
    return answerOnWire(chosen, request, info, context);
  }
  return answerPlan(chosen, request, info, context, MAX_TIME);
}

function needsWire(plan: Plan): boolean {
  return needOf(plan).need === "wire" ||
    plan.steps.some(({ step, inner }) => (inner?.step ?? step).prefersWire);
}

function addressOf(address: Deno.Addr): string {
  return "hostname" in address ? address.hostname : "";
}

function unknownFault(request: Request): Response {
  return httpErrorResponse(request, {
    status: 404,
    message: "There is no such fault; GET /faults lists them.",
  });
}
