/**
 * What can be done to sessions from outside of any handler: ESP-IDF's
 * `httpd_get_client_list`, `httpd_ws_send_data_async` and
 * `httpd_sess_trigger_close`, wherever the session is.
 *
 * @module
 */

import type { ListenerName } from "../websocket.ts";

/** Messages and the bytes of their payloads. */
export interface Volume {
  /** Whole messages. */
  readonly messages: number;
  /** Payload bytes. */
  readonly bytes: number;
}

/** A session as it is listed. */
export interface SessionInfo {
  /** The connection's id. */
  readonly id: string;
  /** The instance that holds it; the id begins with it. */
  readonly instance: string;
  /** The listener that accepted the peer. */
  readonly listener: ListenerName;
  /** The route's path. */
  readonly route: string;
  /** The peer's address: `127.0.0.1:50000`, `[::1]:50000`. */
  readonly address: string;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Seconds since the connection opened. */
  readonly age: number;
  /** What the peer sent. */
  readonly received: Volume;
  /** What was sent to the peer. */
  readonly sent: Volume;
  /** Bytes that wait to be written. */
  readonly buffered: number;
}

/** Who is connected. */
export interface SessionList {
  /** The sessions, those of one instance together, oldest first. */
  readonly sessions: readonly SessionInfo[];
  /** Whether there may be more, on instances that could not be asked. */
  readonly partial: boolean;
}

/** A message from outside: a string leaves as text, bytes as binary. */
export type OutsideMessage = string | Uint8Array;

/**
 * What became of a message.
 *
 * - `sent`: it was handed to the socket.
 * - `gone`: there is no such session.
 * - `full`: more than the send-buffer limit waits for the peer already.
 * - `interleaved`: the handler is in the middle of a fragmented message, into
 *   which no other may be put (RFC 6455 §5.4).
 * - `busy`: the work queue holds its limit.
 * - `unreachable`: the session's instance could not be asked.
 */
export type SendOutcome =
  | "sent"
  | "gone"
  | "full"
  | "interleaved"
  | "busy"
  | "unreachable";

/** What became of a message to many: how many had each outcome. */
export interface SendCounts {
  /** It was handed to so many sockets. */
  readonly sent: number;
  /** So many peers did not get it: their buffer is full, or they left, or the like. */
  readonly missed: number;
  /** Whether there may be more peers, on instances that could not be asked. */
  readonly partial: boolean;
}

/** What became of a close. */
export type CloseOutcome = "closing" | "gone" | "unreachable";

/** Calls to sessions of this instance or, over a bus, of any. */
export interface RemoteSessions {
  /** Lists the sessions. */
  list(): Promise<SessionList>;

  /**
   * Sends to one, by the work queue.
   *
   * @param id the session's
   * @param message what to send
   * @returns what became of it, as soon as the socket has it
   */
  send(id: string, message: OutsideMessage): Promise<SendOutcome>;

  /**
   * Sends to all.
   *
   * @param message what to send
   * @param route the path of those who get it; `undefined`: all
   */
  sendAll(message: OutsideMessage, route?: string): Promise<SendCounts>;

  /**
   * Starts the closing handshake with one.
   *
   * @param id the session's
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   * @throws {InvalidPayloadError} a code that may not be sent, or a long reason
   */
  close(id: string, code: number, reason: string): Promise<CloseOutcome>;
}
