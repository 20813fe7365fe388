/**
 * The limit of messages per second of a connection.
 *
 * @module
 */

import type { Observer } from "../observer.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import {
  type AnyWebSocketHandler,
  isWebSocketRoute,
  type Routes,
} from "../routing/router.ts";
import type {
  Connection,
  Frame,
  HandshakeInfo,
  HandshakeResult,
} from "../websocket.ts";
import { TokenBucket } from "./address/token_bucket.ts";

/**
 * Limits the message rate of every WebSocket route. A connection may send the messages
 * of one second at once. Above the rate, the frame listener delivers messages later and
 * stops reading from the connection meanwhile. The edge listener cannot stop reading,
 * and closes the connection with 1008.
 *
 * @param rate messages per second; 0 returns the routes unchanged
 * @param observer is notified of connections that are closed
 */
export function limitMessages(
  routes: Routes,
  rate: number,
  observer: Observer,
): Routes {
  if (rate === 0) return routes;
  const bucket = new TokenBucket(rate);
  return Object.fromEntries(
    Object.entries(routes).map(([path, route]) => [
      path,
      isWebSocketRoute(route) ? limited(route, bucket, observer) : route,
    ]),
  );
}

/** Wraps `frame` and `handshake` in a proxy: a handler may be an instance of any class. */
function limited(
  handler: AnyWebSocketHandler,
  bucket: TokenBucket,
  observer: Observer,
): AnyWebSocketHandler {
  const fullAt = new WeakMap<Connection, number>();

  /** Takes a token; returns the milliseconds until there is one. */
  const wait = (connection: Connection): number => {
    const now = performance.now();
    const take = bucket.take(fullAt.get(connection) ?? 0, now);
    fullAt.set(connection, take.fullAt);
    return take.wait;
  };
  const deliverLater = async (
    connection: Connection,
    frame: Frame,
    first: number,
  ) => {
    for (let rest = first; rest > 0; rest = wait(connection)) {
      await new Promise((resolve) => setTimeout(resolve, rest));
      if (!connection.isOpen) return;
    }
    await handler.frame(connection, frame);
  };
  const frame = (connection: Connection, frame: Frame) => {
    const rest = endsMessage(frame) ? wait(connection) : 0;
    if (rest === 0) return handler.frame(connection, frame);
    if (connection.listener === "frame") {
      return deliverLater(connection, frame, rest);
    }
    observer.limited("MESSAGE_RATE", "edge");
    connection.close(CLOSE_CODE.policyViolation, "too many messages a second");
  };
  /** Limits the handler that a handshake selects for the connection, too. */
  const limitResult = (result: HandshakeResult): HandshakeResult => {
    if (result instanceof Response || !result?.handler) return result;
    return { ...result, handler: limited(result.handler, bucket, observer) };
  };
  const handshake = (request: Request, info: HandshakeInfo) => {
    const result = handler.handshake?.(request, info);
    return result instanceof Promise
      ? result.then(limitResult)
      : limitResult(result);
  };
  return new Proxy(handler, {
    get(target, name) {
      if (name === "frame") return frame;
      if (name === "handshake" && target.handshake) return handshake;
      const value = Reflect.get(target, name);
      // An HTTP method of a mixed route may have properties of its own.
      return typeof value === "function"
        ? Object.assign(value.bind(target), value)
        : value;
    },
  });
}

/**
 * A data message counts once, whatever its fragments and parts. Control frames do not
 * count, whether or not the handler sees them: the server would answer them without limit.
 */
function endsMessage({ final, opcode }: Frame): boolean {
  return final && opcode !== "close" && opcode !== "ping" && opcode !== "pong";
}
