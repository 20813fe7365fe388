/**
 * What the query of a handshake does to the connection.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type {
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
  ListenerName,
} from "../../lib/websocket.ts";
import { type Answer, BehavingHandler } from "./handler.ts";
import type { Behaviour } from "./parameters.ts";
import { type BehaviourRefusal, parseBehaviour } from "./parse.ts";
import { rejection } from "./rejection.ts";

/** What a route that behaves on request needs to know of the running service. */
export interface BehaviourContext {
  /** Bytes that may wait for a peer. */
  readonly sendBufferLimit: number;
  /** The listeners that run. */
  listeners(): readonly {
    readonly name: ListenerName;
    readonly port: number;
  }[];
}

/**
 * Makes the `handshake` of a route that behaves on request. Without a query the
 * route's own handler has the connection, and nothing is done for any message.
 *
 * @param answer what the route does with a message
 * @param context the running service
 */
export function behaviourOnRequest(
  answer: Answer,
  context: BehaviourContext,
): (request: Request, info: HandshakeInfo) => HandshakeResult {
  return (request, { listener }) => {
    const { search, searchParams } = new URL(request.url);
    if (search === "") return;
    const parsed = parseBehaviour(searchParams, listener);
    if (!parsed.ok) return refusal(request, parsed, context);
    const { behaviour } = parsed;
    if (behaviour.reject !== undefined) {
      return rejection(request, behaviour.reject);
    }
    return extras(answer, behaviour, context.sendBufferLimit);
  };
}

/**
 * Makes the `checkQuery` of a route that behaves on request.
 *
 * @param context the running service
 */
export function checkBehaviour(
  context: BehaviourContext,
): (request: Request, info: HandshakeInfo) => Response | undefined {
  return (request, { listener }) => {
    const { searchParams } = new URL(request.url);
    const parsed = parseBehaviour(searchParams, listener);
    return parsed.ok ? undefined : refusal(request, parsed, context);
  };
}

function refusal(
  request: Request,
  { message, isForFrameListener }: BehaviourRefusal,
  context: BehaviourContext,
): Response {
  return httpErrorResponse(request, {
    status: 400,
    message: isForFrameListener
      ? `${message}, ${whereabouts(request, context)}.`
      : message,
  });
}

function extras(
  answer: Answer,
  behaviour: Behaviour,
  limit: number,
): HandshakeExtras {
  const { subprotocol, compression } = behaviour;
  return {
    handler: new BehavingHandler(answer, behaviour, limit),
    ...(subprotocol !== undefined && { protocol: subprotocol }),
    ...(compression === "off" && { compression: false }),
  };
}

/** Where the frame listener is. */
function whereabouts(request: Request, context: BehaviourContext): string {
  const frame = context.listeners().find(({ name }) => name === "frame");
  if (frame === undefined) return "which does not run here";
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.port = String(frame.port);
  return `at ${url.origin}${url.pathname}`;
}
