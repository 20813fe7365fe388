/**
 * Access to sessions from outside their handlers, on any instance: the counterpart of
 * ESP-IDF's `httpd_get_client_list`, `httpd_ws_send_data_async` and
 * `httpd_sess_trigger_close`.
 *
 * @module
 */

import type { ListenerName } from "../websocket.ts";
import type { SessionTarget } from "./session_target.ts";

/**
 * The data that went over a connection in one direction.
 *
 * @example
 * ```ts
 * import { serve, type Volume } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * await server.sessions.broadcast("news");
 * const { sessions } = await server.sessions.list();
 * const sent: Volume = sessions[0]!.sent;
 * assertEquals(sent, { messages: 1, bytes: 4 });
 * ```
 */
export interface Volume {
  /** Complete messages. */
  readonly messages: number;
  /** Payload bytes. */
  readonly bytes: number;
}

/**
 * A session in the list.
 *
 * @example
 * ```ts
 * import { serve, type SessionInfo } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ route, listener, received }: SessionInfo) =>
 *   `${route} on ${listener}: ${received.bytes} bytes`;
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const { sessions } = await server.sessions.list();
 * assertEquals(sessions.map(lineOf), ["/ws on frame: 0 bytes"]);
 * ```
 */
export interface SessionInfo {
  /** The connection's id. */
  readonly id: string;
  /** The instance of the session; the id begins with it. */
  readonly instance: string;
  /** The listener of the connection. */
  readonly listener: ListenerName;
  /** The route's path in the router map; a pattern as it was registered. */
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

/**
 * The list of sessions.
 *
 * @example
 * ```ts
 * import { serve, type SessionList } from "@ws-echo/server";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const { sessions, partial }: SessionList = await server.sessions.list();
 * assertEquals(sessions, []);
 * assert(!partial, "an instance did not reply");
 * ```
 */
export interface SessionList {
  /** The sessions, grouped by instance, oldest first. */
  readonly sessions: readonly SessionInfo[];
  /** Whether there may be more sessions, on instances that did not reply. */
  readonly partial: boolean;
}

/**
 * A message to a session: a string is sent as text, bytes as binary.
 *
 * @example
 * ```ts
 * import { serve, type SessionMessage } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const messages: SessionMessage[] = ["text", new Uint8Array([1, 2])];
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * for (const message of messages) await server.sessions.broadcast(message);
 * assertEquals((await client.nextMessage()).opcode, "text");
 * assertEquals((await client.nextMessage()).opcode, "binary");
 * ```
 */
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
 *
 * @example
 * ```ts
 * import { type SendOutcome, serve } from "@ws-echo/server";
 * import { assert, assertEquals } from "@std/assert";
 *
 * // Returns whether a later attempt may succeed.
 * const isTemporary = (outcome: SendOutcome) =>
 *   ["full", "interleaved", "busy", "unreachable"].includes(outcome);
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const outcome = await server.sessions.send("unknown id", "news");
 * assertEquals(outcome, "gone");
 * assert(!isTemporary(outcome));
 * ```
 */
export type SendOutcome =
  | "sent"
  | "gone"
  | "full"
  | "interleaved"
  | "taken-over"
  | "busy"
  | "unreachable";

/**
 * The outcome of a send to many sessions.
 *
 * @example
 * ```ts
 * import { type SendCounts, serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/a": { frame() {} }, "/b": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using _a = await connect(`${server.urls.frame}/a`);
 * await using _b = await connect(`${server.urls.edge}/b`);
 * const counts: SendCounts = await server.sessions.broadcast("news", {
 *   route: "/a",
 * });
 * assertEquals(counts, { sent: 1, missed: 0, partial: false });
 * ```
 */
export interface SendCounts {
  /** Number of sessions whose socket has the message. */
  readonly sent: number;
  /** Number of sessions that did not get the message. */
  readonly missed: number;
  /** Whether there may be more sessions, on instances that did not reply. */
  readonly partial: boolean;
}

/**
 * The outcome of a close.
 *
 * - `closing`: the closing handshake has begun.
 * - `gone`: there is no such session, or it is closing already.
 * - `unreachable`: the instance of the session did not reply.
 *
 * @example
 * ```ts
 * import { type CloseOutcome, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const outcome: CloseOutcome = await server.sessions.close("unknown id");
 * assertEquals(outcome, "gone");
 * ```
 */
export type CloseOutcome = "closing" | "gone" | "unreachable";

/**
 * Reaches the sessions of this instance or, over a bus, of all instances.
 *
 * @example
 * ```ts
 * import { type HttpRoute, type RemoteSessions, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const say = (sessions: RemoteSessions): HttpRoute => ({
 *   async POST(request) {
 *     const { sent } = await sessions.sendAll(await request.text());
 *     return Response.json(sent);
 *   },
 * });
 * await using server = await serve({
 *   routes: ({ remoteSessions }) => ({ "/say": say(remoteSessions) }),
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const body = { method: "POST", body: "news" };
 * assertEquals(await (await fetch(`${server.urls.http}/say`, body)).json(), 0);
 * ```
 */
export interface RemoteSessions {
  /** Lists the sessions. */
  list(): Promise<SessionList>;

  /**
   * Sends to one session through the work queue.
   *
   * @param id the session's id
   * @param message the message
   * @returns resolves when the socket has the message
   * @throws {TypeError} an argument of another type
   */
  send(id: string, message: SessionMessage): Promise<SendOutcome>;

  /**
   * Sends to all sessions, or to those of a route or a path.
   *
   * @param message the message
   * @param target selects sessions; default: all
   * @throws {TypeError} an argument of another type, or an unknown field of the target
   */
  sendAll(
    message: SessionMessage,
    target?: SessionTarget,
  ): Promise<SendCounts>;

  /**
   * Starts the closing handshake of one session.
   *
   * @param id the session's id
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   * @throws {InvalidPayloadError} a code that may not be sent, or a reason that is too long
   * @throws {TypeError} an argument of another type
   */
  close(id: string, code: number, reason: string): Promise<CloseOutcome>;
}
