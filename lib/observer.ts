/**
 * What a running service tells about itself: the events that metrics are made
 * of. The listeners call it; who listens is the composition root's choice.
 *
 * @module
 */

import type { Connection, ListenerName } from "./websocket.ts";

/** An answer to a request: plain HTTP, or a handshake, accepted or not. */
export interface Answer {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** The request's method as the peer wrote it; `""` where no head was read. */
  readonly method: string;
  /** The matched route's path in the router map; `undefined` where none matched. */
  readonly path: string | undefined;
  /** Whether the request was one for a WebSocket. */
  readonly isHandshake: boolean;
  /** The answer's status: 101 for an accepted handshake. */
  readonly status: number;
  /** Seconds from the request's head to the answer's. */
  readonly seconds: number;
}

/** Limits that turn a peer away, by the variable that sets them. */
export type LimitName =
  | "MAX_CONNECTIONS"
  | "MAX_CONNECTIONS_PER_IP"
  | "HANDSHAKE_RATE"
  | "MESSAGE_RATE"
  | "AUTH_TOKEN"
  | "METRICS_TOKEN"
  | "ADMIN_TOKEN"
  | "MEMORY_LIMIT";

/**
 * Is told of what happens. Nothing of it is called for every message: figures a
 * message are kept by the connection itself.
 */
export interface Observer {
  /**
   * A request was answered.
   *
   * @param answer which one, and how
   */
  answered(answer: Answer): void;
  /**
   * A connection is open, and in the sessions from now on.
   *
   * @param connection the newcomer
   */
  opened(connection: Connection): void;
  /**
   * A connection is gone, and no longer in the sessions.
   *
   * @param connection one that was open
   * @param code how it ended: a close code, 1005 or 1006 included
   */
  closed(connection: Connection, code: number): void;
  /**
   * What a peer sent was answered at once. Told for one input in 256: with one
   * message in it, or all those that one read brought.
   *
   * @param connection the peer's
   * @param seconds from the arrival to the hand-over of the answer to the socket
   */
  echoed(connection: Connection, seconds: number): void;
  /**
   * A peer that let too much wait is being closed.
   *
   * @param connection the peer's
   */
  cutOff(connection: Connection): void;
  /**
   * A limit turned a peer away, or ended its connection.
   *
   * @param limit which one
   * @param listener where
   */
  limited(limit: LimitName, listener: ListenerName): void;
}

/** An observer that nobody listens to. */
export const NO_OBSERVER: Observer = Object.freeze({
  answered() {},
  opened() {},
  closed() {},
  echoed() {},
  cutOff() {},
  limited() {},
});
