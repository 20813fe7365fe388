/**
 * Answers a handshake as a plan says.
 *
 * @module
 */

import { wait } from "../../lib/scheduling/wait.ts";
import type {
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
} from "../../lib/websocket.ts";
import { MAX_BYTES } from "./arguments/argument.ts";
import type { PlanContext } from "./context.ts";
import { Draft } from "./engine/draft.ts";
import type { RunOptions } from "./engine/run.ts";
import { shownRequest } from "./engine/shown_request.ts";
import type { PlannedStep } from "./engine/step.ts";
import { decide, refusalOf } from "./handshake/decide.ts";
import { handshakeLength } from "./notation/phase_of.ts";
import { ScriptHandler } from "./script_handler.ts";
import { takeOver } from "./wire/take_over.ts";

/** Milliseconds from a CLOSE to the end of TCP if the service sets no time. */
const CLOSE_TIMEOUT = 5000;

/** Maximum number of frames in a message, unless the context has another. */
const MAX_FRAGMENTS = 131_072;

/** A handshake and the plan that answers it. */
export interface PlannedHandshake {
  /** The handshake request. */
  readonly request: Request;
  /** The listener, and the client's address. */
  readonly info: HandshakeInfo;
  /** The steps that run, checked for the listener. */
  readonly steps: readonly PlannedStep[];
  /** Parts of the running service. */
  readonly context: PlanContext;
  /** Milliseconds after which the plan ends; `undefined`: no limit. */
  readonly maxTime?: number;
  /** Called before the first step after the handshake. */
  readonly onStart?: () => void;
}

/**
 * Answers a handshake with a plan that needs no wire.
 *
 * @param planned the handshake and its plan
 * @returns a promise only if a step of the handshake takes time
 */
export function answerPlan(
  planned: PlannedHandshake,
): HandshakeResult | Promise<HandshakeResult> {
  const { request, info, context } = planned;
  const signals = [request.signal];
  if (context.stopping !== undefined) signals.push(context.stopping);
  const draft = new Draft({
    request,
    info,
    fields: [],
    wait: (ms) => wait(ms, signals),
  });
  const [handshake, options] = divided(planned);
  const result = () =>
    refusalOf(draft) ?? extrasOf(draft, new ScriptHandler(options));
  const pending = decide(draft, handshake);
  return pending === undefined
    ? result()
    : Promise.resolve(pending).then(result);
}

/**
 * Answers a handshake with a plan that needs the wire.
 *
 * @param planned the handshake and its plan
 */
export function answerOnWire(planned: PlannedHandshake): HandshakeExtras {
  const { request, info: handshakeInfo, context } = planned;
  const [handshake, options] = divided(planned);
  const {
    maxPayload = MAX_BYTES,
    maxFragments = MAX_FRAGMENTS,
    closeTimeout = CLOSE_TIMEOUT,
  } = context;
  return {
    // The plan says which extensions the 101 has.
    compression: false,
    takeOver: (wire) =>
      takeOver(wire, {
        ...options,
        request,
        handshakeInfo,
        handshake,
        maxPayload,
        maxFragments,
        closeTimeout,
      }),
  };
}

/** The steps of the handshake, and the options of the run after it. */
function divided(
  { request, info, steps, context, maxTime, onStart }: PlannedHandshake,
): [readonly PlannedStep[], Omit<RunOptions, "endpoint">] {
  const split = handshakeLength(steps);
  const showsRequest = steps.some(({ step }) => step.showsRequest);
  const options = {
    steps: steps.slice(split),
    reply: context.reply,
    limit: context.sendBufferLimit,
    // The edge listener's request cannot be read after the upgrade.
    shown: showsRequest
      ? shownRequest(request, info, context.allowedOrigins)
      : undefined,
    maxTime,
    onStart,
    isTight: () => context.heldMemory?.isTight === true,
  };
  return [steps.slice(0, split), options];
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
