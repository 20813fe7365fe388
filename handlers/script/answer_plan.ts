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
import type { Plan, PlannedStep } from "./engine/step.ts";
import { decide, refusalOf } from "./handshake/decide.ts";
import { handshakeLength } from "./notation/phase_of.ts";
import { ScriptHandler } from "./script_handler.ts";
import { takeOver } from "./wire/take_over.ts";

/** Bytes of a message if the service sets no limit. */
const MAX_PAYLOAD = 2 ** 24;

/** Milliseconds from a CLOSE to the end of TCP if the service sets no time. */
const CLOSE_TIMEOUT = 5000;

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
  const [handshake, rest] = divided(steps);
  const result = () =>
    refusalOf(draft) ?? extrasOf(
      draft,
      new ScriptHandler({
        steps: rest,
        reply: context.reply,
        limit: context.sendBufferLimit,
        maxTime,
      }),
    );
  const pending = decide(draft, handshake);
  return pending === undefined
    ? result()
    : Promise.resolve(pending).then(result);
}

/**
 * Answers a handshake with a plan that needs the wire.
 *
 * @param plan checked for the frame listener; its choices are made
 * @param request the handshake
 * @param info of the handshake
 * @param context parts of the running service
 */
export function answerOnWire(
  { steps }: Plan,
  request: Request,
  info: HandshakeInfo,
  context: PlanContext,
): HandshakeExtras {
  const [handshake, rest] = divided(steps);
  const { reply, sendBufferLimit, maxPayload, closeTimeout } = context;
  return {
    // The plan says which extensions the 101 has.
    compression: false,
    takeOver: (wire) =>
      takeOver(wire, {
        request,
        info,
        handshake,
        steps: rest,
        reply,
        limit: sendBufferLimit,
        maxPayload: maxPayload ?? MAX_PAYLOAD,
        closeTimeout: closeTimeout ?? CLOSE_TIMEOUT,
      }),
  };
}

/** The steps of the handshake, and those behind it. */
function divided(
  steps: readonly PlannedStep[],
): [handshake: readonly PlannedStep[], rest: readonly PlannedStep[]] {
  const split = handshakeLength(steps);
  return [steps.slice(0, split), steps.slice(split)];
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
 * @param target path on the frame listener
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
