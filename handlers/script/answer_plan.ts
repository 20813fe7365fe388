/**
 * Answers a handshake as a plan says.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import { wait } from "../../lib/scheduling/wait.ts";
import type {
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
} from "../../lib/websocket.ts";
import type { PlanContext } from "./context.ts";
import { Draft } from "./engine/draft.ts";
import type { Plan } from "./engine/step.ts";
import { decide, refusalOf } from "./handshake/decide.ts";
import { handshakeLength } from "./notation/phase_of.ts";
import { ScriptHandler } from "./script_handler.ts";

/**
 * Answers a handshake with a plan that needs no wire.
 *
 * @param plan checked for the listener; its choices are made
 * @param request the handshake
 * @param info of the handshake
 * @param context parts of the running service
 * @param maxTime milliseconds after which the plan ends; `undefined`: no limit
 * @returns a promise only if a step of the handshake takes time
 */
export function answerPlan(
  { steps }: Plan,
  request: Request,
  info: HandshakeInfo,
  context: PlanContext,
  maxTime?: number,
): HandshakeResult | Promise<HandshakeResult> {
  const signals = [request.signal];
  if (context.stopping !== undefined) signals.push(context.stopping);
  const draft = new Draft({
    request,
    info,
    fields: [],
    wait: (ms) => wait(ms, signals),
  });
  const split = handshakeLength(steps);
  const result = () =>
    refusalOf(draft) ?? extrasOf(
      draft,
      new ScriptHandler({
        steps: steps.slice(split),
        reply: context.reply,
        limit: context.sendBufferLimit,
        maxTime,
      }),
    );
  const pending = decide(draft, steps.slice(0, split));
  return pending === undefined
    ? result()
    : Promise.resolve(pending).then(result);
}

function extrasOf(
  { fields, protocol, compression }: Draft,
  handler: ScriptHandler,
): HandshakeExtras {
  return {
    handler,
    ...(fields.length > 0 && { headers: fields }),
    ...(protocol !== undefined && { protocol }),
    ...(compression !== undefined && { compression }),
  };
}

/**
 * Refuses an invalid plan with 400.
 *
 * @param request the handshake, or a GET
 * @param fault the message, and whether the frame listener can run the plan
 * @param context parts of the running service
 * @param target path and query on the frame listener
 */
export function refusePlan(
  request: Request,
  fault: { readonly message: string; readonly isForFrameListener: boolean },
  context: PlanContext,
  target: string,
): Response {
  const { message, isForFrameListener } = fault;
  return httpErrorResponse(request, {
    status: 400,
    message: isForFrameListener
      ? `${message}, ${frameListenerAddress(request, context, target)}.`
      : message,
  });
}

function frameListenerAddress(
  request: Request,
  context: PlanContext,
  target: string,
): string {
  const frame = context.listeners().find(({ name }) => name === "frame");
  if (frame === undefined) return "which does not run here";
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.port = String(frame.port);
  return `at ${url.origin}${target}`;
}
