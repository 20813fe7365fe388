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

/** The sessions of a server and, with threads or a bus, of all instances. */
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

  /** Lists the sessions of all instances. */
  list(): Promise<SessionList> {
    return this.#remote.list();
  }

  /**
   * Looks a connection of this thread up.
   *
   * @param id the session's id
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
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * const outcome = await server.sessions.send("0f9a3c21-1", "news");
   * if (outcome !== "sent") console.log(`not sent: ${outcome}`);
   * ```
   */
  send(id: string, message: SessionMessage): Promise<SendOutcome> {
    return this.#remote.send(id, message);
  }

  /**
   * Sends a message to all sessions, or to those of a route or a path.
   *
   * @param message a string is sent as text, bytes as binary
   * @param target selects sessions; default: all
   * @throws {TypeError} an argument of another type, or an unknown field of the target
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * const { sent, missed } = await server.sessions.broadcast("news");
   * console.log(`sent to ${sent} of ${sent + missed} clients`);
   * await server.sessions.broadcast("news", { route: "/rooms/:name" });
   * await server.sessions.broadcast("news of this room", { path: "/rooms/a" });
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
   * @param code a close code that may be sent
   * @param reason at most 123 bytes of UTF-8
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
