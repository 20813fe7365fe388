/**
 * The sessions of a server, for its program.
 *
 * @module
 */

import { CLOSE_CODE } from "../protocol/close_code.ts";
import type {
  CloseOutcome,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionList,
  SessionMessage,
} from "../sessions/remote_sessions.ts";
import type { SessionTarget } from "../sessions/session_target.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Connection } from "../websocket.ts";

/**
 * The sessions of a server and, with threads or a bus, of all instances.
 *
 * @example
 * ```ts
 * import { serve, type ServerSessions } from "@ws-echo/server";
 * import { connect, readClose } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const closeAll = async (sessions: ServerSessions) => {
 *   const { sessions: open } = await sessions.list();
 *   for (const { id } of open) await sessions.close(id, 1001, "closing time");
 * };
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * await closeAll(server.sessions);
 * const { payload } = await client.nextMessage();
 * assertEquals(readClose(payload), { code: 1001, reason: "closing time" });
 * ```
 */
export class ServerSessions {
  readonly #local: Sessions;
  readonly #remote: RemoteSessions;

  /**
   * Wraps the sessions of a server.
   *
   * @param local of this thread
   * @param remote of all instances
   */
  constructor(local: Sessions, remote: RemoteSessions) {
    this.#local = local;
    this.#remote = remote;
  }

  /** Connections and handshakes of all threads of the process. */
  get size(): number {
    return this.#local.total;
  }

  /**
   * Lists the sessions of all instances.
   *
   * @returns `partial` if an instance did not reply within two seconds
   */
  list(): Promise<SessionList> {
    return this.#remote.list();
  }

  /**
   * Looks a connection of this thread up.
   *
   * @param id the session's id
   * @returns `undefined`: this thread has no such session
   */
  get(id: string): Connection | undefined {
    return this.#local.get(id);
  }

  /**
   * Sends a message to a session through the work queue.
   *
   * @param id the session's id
   * @param message a string is sent as text, bytes as binary
   * @returns the outcome; `sent`: the socket has the message
   * @throws {TypeError} an argument of another type
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { connect } from "@ws-echo/server/client";
   * import { assertEquals } from "@std/assert";
   *
   * const routes = { "/ws": { frame() {} } };
   * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
   * await using client = await connect(`${server.urls.frame}/ws`);
   * const { sessions } = await server.sessions.list();
   * const outcome = await server.sessions.send(sessions[0]!.id, "news");
   * assertEquals(outcome, "sent");
   * assertEquals((await client.nextMessage()).text(), "news");
   * ```
   */
  send(id: string, message: SessionMessage): Promise<SendOutcome> {
    return this.#remote.send(id, message);
  }

  /**
   * Sends a message to all sessions of all instances, or to those of a route or a path,
   * through the work queue of each.
   *
   * @param message a string is sent as text, bytes as binary
   * @param target selects sessions; default: all
   * @throws {TypeError} an argument of another type, or an unknown field of the target
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { connect } from "@ws-echo/server/client";
   * import { assertEquals } from "@std/assert";
   *
   * const routes = { "/ws": { frame() {} } };
   * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
   * await using client = await connect(`${server.urls.frame}/ws`);
   * const { sent, missed } = await server.sessions.broadcast("news");
   * assertEquals([sent, missed], [1, 0]);
   * assertEquals((await client.nextMessage()).text(), "news");
   * ```
   */
  broadcast(
    message: SessionMessage,
    target?: SessionTarget,
  ): Promise<SendCounts> {
    return this.#remote.sendAll(message, target);
  }

  /**
   * Starts the closing handshake of a session.
   *
   * @param id the session's id
   * @param code a close code that may be sent (RFC 6455 §7.4); default: 1000
   * @param reason at most 123 bytes of UTF-8; default: none
   * @throws {InvalidPayloadError} a code that may not be sent, or a reason that is too long
   * @throws {TypeError} an argument of another type
   */
  close(
    id: string,
    code: number = CLOSE_CODE.normal,
    reason = "",
  ): Promise<CloseOutcome> {
    return this.#remote.close(id, code, reason);
  }
}
