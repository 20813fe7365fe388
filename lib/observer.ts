/**
 * The observer of a running service: the listeners and limits report events to it, and
 * metrics are made of them.
 *
 * @module
 */

import type { Connection, ListenerName } from "./websocket.ts";

/** A response to an HTTP request or to a handshake. */
export interface Answer {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** The request's method as received; `""` if no request head was read. */
  readonly method: string;
  /** The matched route's path in the router map; `undefined` if none matched. */
  readonly path: string | undefined;
  /** Whether the request was a WebSocket handshake. */
  readonly isHandshake: boolean;
  /** The response's status: 101 for an accepted handshake. */
  readonly status: number;
  /** Seconds from the request head to the response head. */
  readonly seconds: number;
}

/** Limits that refuse or close connections, by the variable that sets them. */
export type LimitName =
  | "MAX_CONNECTIONS"
  | "MAX_CONNECTIONS_PER_IP"
  | "HANDSHAKE_RATE"
  | "MESSAGE_RATE"
  | "SEND_TIMEOUT"
  | "AUTH_TOKEN"
  | "METRICS_TOKEN"
  | "ADMIN_TOKEN"
  | "MEMORY_LIMIT";

/**
 * Is notified of events. No method is called per message: each connection counts its own
 * messages.
 */
export interface Observer {
  /** A request is answered. */
  answered(answer: Answer): void;
  /** A connection is open and has become a session. */
  opened(connection: Connection): void;
  /**
   * A connection has ended and is no longer a session.
   *
   * @param code its close code; 1005 for none, 1006 for an end without CLOSE
   */
  closed(connection: Connection, code: number): void;
  /**
   * An input was answered in the same turn of the event loop. Called for one input in
   * 256; an input is one message, or all messages of one read.
   *
   * @param seconds from the arrival to the write of the answer
   */
  echoed(connection: Connection, seconds: number): void;
  /** A connection is being closed because its send buffer exceeds the limit. */
  cutOff(connection: Connection): void;
  /** A limit refused a client, or closed its connection. */
  limited(limit: LimitName, listener: ListenerName): void;
}

/** An observer that ignores all events. */
export const NO_OBSERVER: Observer = Object.freeze({
  answered() {},
  opened() {},
  closed() {},
  echoed() {},
  cutOff() {},
  limited() {},
});
