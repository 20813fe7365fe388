/**
 * Reads the requested behaviour from the query of a handshake.
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
import { BehaviourHandler, type Reply } from "./handler.ts";
import type { Behaviour } from "./parameters.ts";
import { type BehaviourRefusal, parseBehaviour } from "./parse.ts";
import { rejection } from "./rejection.ts";

/** The parts of the running service that behaviour on request uses. */
export interface BehaviourContext {
  /** Maximum number of bytes that wait for a client. */
  readonly sendBufferLimit: number;
  /** Returns the running listeners. */
  listeners(): readonly {
    readonly name: ListenerName;
    readonly port: number;
  }[];
}

/** The members of a `WebSocketHandler` that add behaviour on request to a route. */
export interface BehaviourOnRequest {
  /** Handshakes without a query have no cost. */
  readonly handshakes: "query";
  /** Refuses an invalid query, or replaces the handler of the connection. */
  handshake(request: Request, info: HandshakeInfo): HandshakeResult;
  /** Refuses an invalid query of a GET without an upgrade. */
  checkQuery(request: Request, info: HandshakeInfo): Response | undefined;
}

/**
 * Adds behaviour on request to a route. A connection without a query keeps the route's
 * own handler.
 *
 * @param reply the route's reply to a message
 * @param context parts of the running service
 */
export function behaviourOnRequest(
  reply: Reply,
  context: BehaviourContext,
): BehaviourOnRequest {
  return {
    handshakes: "query",

    handshake(request, { listener }) {
      const { search, searchParams } = new URL(request.url);
      if (search === "") return;
      const parsed = parseBehaviour(searchParams, listener);
      if (!parsed.ok) return refusal(request, parsed, context);
      const { behaviour } = parsed;
      if (behaviour.reject !== undefined) {
        return rejection(request, behaviour.reject);
      }
      return extras(reply, behaviour, context.sendBufferLimit);
    },

    checkQuery(request, { listener }) {
      const { searchParams } = new URL(request.url);
      const parsed = parseBehaviour(searchParams, listener);
      return parsed.ok ? undefined : refusal(request, parsed, context);
    },
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
      ? `${message}, ${frameListenerAddress(request, context)}.`
      : message,
  });
}

function extras(
  reply: Reply,
  behaviour: Behaviour,
  limit: number,
): HandshakeExtras {
  const { subprotocol, compression } = behaviour;
  return {
    handler: new BehaviourHandler(reply, behaviour, limit),
    ...(subprotocol !== undefined && { protocol: subprotocol }),
    ...(compression === "off" && { compression: false }),
  };
}

function frameListenerAddress(
  request: Request,
  context: BehaviourContext,
): string {
  const frame = context.listeners().find(({ name }) => name === "frame");
  if (frame === undefined) return "which does not run here";
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.port = String(frame.port);
  return `at ${url.origin}${url.pathname}`;
}
