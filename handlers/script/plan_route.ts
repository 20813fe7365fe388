/**
 * `/do/…` and `/fault/NAME`: routes whose path is a plan.
 *
 * @module
 */

import {
  type HttpError,
  httpErrorResponse,
} from "../../lib/protocol/http_error.ts";
import type {
  HandshakeInfo,
  HandshakeResult,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { threadRefusal } from "../http/one_thread.ts";
import {
  answerOnWire,
  answerPlan,
  type PlannedHandshake,
} from "./answer_plan.ts";
import { MAX_TIME } from "./arguments/argument.ts";
import type { PlanContext } from "./context.ts";
import type { Plan } from "./engine/step.ts";
import type { Fault } from "./faults/fault.ts";
import { FAULTS } from "./faults/table.ts";
import { ClientStates } from "./handshake/client_states.ts";
import { chooseSteps } from "./notation/choose_steps.ts";
import { keptState } from "./notation/kept_state.ts";
import { isOnWire } from "./notation/need_of.ts";
import { parsePlan } from "./notation/parse_plan.ts";
import { PlanError } from "./notation/refusal.ts";
import { recorded, recordFault } from "./recorded.ts";
import { refusePlan } from "./refuse_plan.ts";

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
  const player = new Player(context);
  return planRoute((request, info) => {
    const { pathname } = new URL(request.url);
    return player.play(pathname.slice(DO_PATH.length), request, info);
  });
}

/**
 * Makes the route of named plans.
 *
 * @param context parts of the running service
 */
export function faultRoute(context: PlanContext): WebSocketHandler {
  const player = new Player(context);
  return planRoute((request, info) => {
    const fault = FAULTS.get(info.params.name ?? "");
    return fault === undefined
      ? unknownFault(request)
      : player.play(fault.plan, request, info, fault);
  });
}

type PlanHandshake = (
  request: Request,
  info: HandshakeInfo,
) => HandshakeResult | Promise<HandshakeResult>;

/** A plan replaces the handler of each connection. */
function planRoute(handshake: PlanHandshake): WebSocketHandler {
  return { handshake, ...NO_FRAMES };
}

const NO_FRAMES: WebSocketHandler = { frame() {} };

/** Answers handshakes with plans. */
class Player {
  readonly #context: PlanContext;
  readonly #states = new ClientStates();

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /** Parses a plan, and answers a handshake with it. */
  play(
    notation: string,
    request: Request,
    info: HandshakeInfo,
    fault?: Fault,
  ): HandshakeResult | Promise<HandshakeResult> {
    const context = this.#context;
    let plan: Plan;
    try {
      plan = parsePlan(notation, info.listener);
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      const { pathname } = new URL(request.url);
      return refusePlan(request, error, context, pathname);
    }
    const refusal = refusalOfState(plan, context);
    if (refusal !== undefined) return httpErrorResponse(request, refusal);
    const planned: PlannedHandshake = {
      request,
      info,
      steps: this.#choose(plan, info),
      context,
      maxTime: MAX_TIME,
      ...(fault !== undefined && {
        onStart: () => recordFault(request, fault, "connection"),
      }),
    };
    const onWire = isOnWire(plan, info.listener);
    return recorded(planned, NO_FRAMES, () => {
      if (fault !== undefined) recordFault(request, fault, "handshake");
      return onWire ? answerOnWire(planned) : answerPlan(planned);
    });
  }

  #choose({ steps }: Plan, { remoteAddr }: HandshakeInfo) {
    return chooseSteps(
      steps,
      addressOf(remoteAddr),
      (client, step) => this.#states.history(client, step),
    );
  }
}

/** The refusal of a plan that needs one thread, if there are several. */
function refusalOfState(
  plan: Plan,
  { workers }: PlanContext,
): HttpError | undefined {
  const kept = keptState(plan);
  return kept &&
    threadRefusal(kept.state, workers, `The step ${kept.name} needs`);
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
