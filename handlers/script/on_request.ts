/**
 * The query of a route as a plan.
 *
 * @module
 */

import type { HandshakeInfo, HandshakeResult } from "../../lib/websocket.ts";
import { askedUrl } from "../journal/recording.ts";
import { answerOnWire, answerPlan } from "./answer_plan.ts";
import type { ScriptContext } from "./context.ts";
import type { Reply } from "./engine/run.ts";
import { isOnWire } from "./notation/need_of.ts";
import { parseBehaviour } from "./query/parse.ts";
import { stepsOfQuery } from "./query/plan.ts";
import { refusePlan } from "./refuse_plan.ts";

/** The members of a `WebSocketHandler` that add behaviour on request to a route. */
export interface BehaviourOnRequest {
  /** Handshakes without a query have no cost. */
  readonly handshakes: "query";
  /** Refuses an invalid query, or replaces the handler of the connection. */
  handshake(
    request: Request,
    info: HandshakeInfo,
  ): HandshakeResult | Promise<HandshakeResult>;
  /** Refuses an invalid query of a GET without an upgrade. */
  checkQuery(request: Request, info: HandshakeInfo): Response | undefined;
}

/**
 * Adds behaviour on request to a route. A connection without a query keeps the route's
 * own handler.
 *
 * @param reply the route's reply to a message
 * @param script parts of the running service
 */
export function behaviourOnRequest(
  reply: Reply,
  script: ScriptContext,
): BehaviourOnRequest {
  const context = { ...script, reply };
  return {
    handshakes: "query",

    handshake(request, info) {
      const { pathname, search, searchParams } = new URL(request.url);
      if (search === "") return;
      const parsed = parseBehaviour(searchParams, info.listener);
      if (!parsed.ok) return refusePlan(request, parsed, context, pathname);
      const steps = stepsOfQuery(parsed.behaviour, askedUrl(request));
      const planned = { request, info, steps, context };
      return isOnWire({ steps }, info.listener)
        ? answerOnWire(planned)
        : answerPlan(planned);
    },

    checkQuery(request, { listener }) {
      const { pathname, searchParams } = new URL(request.url);
      const parsed = parseBehaviour(searchParams, listener);
      if (parsed.ok) return undefined;
      return refusePlan(request, parsed, context, pathname);
    },
  };
}
