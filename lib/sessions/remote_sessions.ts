/**
 * Access to sessions from outside their handlers, on any instance: the counterpart of
 * ESP-IDF's `httpd_get_client_list`, `httpd_ws_send_data_async` and
 * `httpd_sess_trigger_close`.
 *
 * @module
 */

import type { ListenerName } from "../websocket.ts";

/** The data that went over a connection in one direction. */
export interface Volume {
  /** Complete messages. */
  readonly messages: number;
  /** Payload bytes. */
  readonly bytes: number;
}

/** A session in the list. */
export interface SessionInfo {
  /** The connection's id. */
  readonly id: string;
  /** The instance of the session; the id begins with it. */
  readonly instance: string;
  /** The listener of the connection. */
  readonly listener: ListenerName;
  /** The route's path. */
  readonly route: string;
  /** The client's address: `127.0.0.1:50000`, `[::1]:50000`. */
  readonly address: string;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Seconds since the connection opened. */
  readonly age: number;
  /** Data from the client. */
  readonly received: Volume;
  /** Data to the client. */
  readonly sent: Volume;
  /** Bytes in the send buffer. */
  readonly buffered: number;
}

/** The list of sessions. */
export interface SessionList {
  /** The sessions, grouped by instance, oldest first. */
  readonly sessions: readonly SessionInfo[];
  /** Whether there may be more sessions, on instances that did not reply. */
  readonly partial: boolean;
}

/** A message to a session: a string is sent as text, bytes as binary. */
export type SessionMessage = string | Uint8Array;

/**
 * The outcome of a send.
 *
 * - `sent`: the socket has the message.
 * - `gone`: there is no such session.
 * - `full`: the send buffer is above its limit.
 * - `interleaved`: the handler is sending the fragments of another message (RFC 6455
 *   §5.4).
 * - `taken-over`: the handler owns the bytes of the connection (`takeOver`).
 * - `busy`: the work queue is full.
 * - `unreachable`: the instance of the session did not reply.
 */
export type SendOutcome =
  | "sent"
  | "gone"
  | "full"
  | "interleaved"
  | "taken-over"
  | "busy"
  | "unreachable";

/** The outcome of a send to many sessions. */
export interface SendCounts {
  /** Number of sessions whose socket has the message. */
  readonly sent: number;
  /** Number of sessions that did not get the message. */
  readonly missed: number;
  /** Whether there may be more sessions, on instances that did not reply. */
  readonly partial: boolean;
}

/** The outcome of a close. */
export type CloseOutcome = "closing" | "gone" | "unreachable";

/** Reaches the sessions of this instance or, over a bus, of all instances. */
export interface RemoteSessions {
  /** Lists the sessions. */
  list(): Promise<SessionList>;

  /**
   * Sends to one session through the work queue.
   *
   * @param id the session's id
   * @param message the message
   * @returns resolves when the socket has the message
   */
  send(id: string, message: SessionMessage): Promise<SendOutcome>;

  /**
   * Sends to all sessions.
   *
   * @param message the message
   * @param route path of a route, to whose sessions the message goes; `undefined`: all
   */
  sendAll(message: SessionMessage, route?: string): Promise<SendCounts>;

  /**
   * Starts the closing handshake of one session.
   *
   * @param id the session's id
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   * @throws {InvalidPayloadError} a code that may not be sent, or a reason that is too long
   */
  close(id: string, code: number, reason: string): Promise<CloseOutcome>;
}
