/**
 * Checks the arguments of calls to sessions, whose caller may have no TypeScript.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import type {
  CloseOutcome,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionList,
  SessionMessage,
} from "./remote_sessions.ts";
import { isPath, type SessionTarget } from "./session_target.ts";

/** Refuses calls with arguments of another type, and passes the others on. */
export class CheckedSessions implements RemoteSessions {
  readonly #sessions: RemoteSessions;

  /**
   * Wraps sessions.
   *
   * @param sessions get the calls
   */
  constructor(sessions: RemoteSessions) {
    this.#sessions = sessions;
  }

  /** Lists the sessions; see {@linkcode RemoteSessions.list}. */
  list(): Promise<SessionList> {
    return this.#sessions.list();
  }

  /** Sends to one session; see {@linkcode RemoteSessions.send}. */
  async send(id: string, message: SessionMessage): Promise<SendOutcome> {
    checkId(id);
    checkMessage(message);
    return await this.#sessions.send(id, message);
  }

  /** Sends to many sessions; see {@linkcode RemoteSessions.sendAll}. */
  async sendAll(
    message: SessionMessage,
    target: SessionTarget = {},
  ): Promise<SendCounts> {
    checkMessage(message);
    checkTarget(target);
    return await this.#sessions.sendAll(message, target);
  }

  /** Closes one session; see {@linkcode RemoteSessions.close}. */
  async close(id: string, code: number, reason: string): Promise<CloseOutcome> {
    checkId(id);
    return await this.#sessions.close(id, code, reason);
  }
}

function checkId(id: unknown): void {
  if (typeof id !== "string") throw wrongArgument("id", "a string", id);
}

function checkMessage(message: unknown): void {
  if (typeof message === "string" || message instanceof Uint8Array) return;
  throw wrongArgument("message", "a string, a Uint8Array", message);
}

const FIELDS = ["route", "path"];

/** A misspelt field would address every session. */
function checkTarget(target: SessionTarget): void {
  if (typeof target !== "object" || target === null) {
    throw wrongArgument("target", "{ route, path }", target);
  }
  const unknown = Object.keys(target).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw wrongArgument("a field of target", FIELDS.join(", "), unknown);
  }
  const { route, path } = target;
  if (route !== undefined && typeof route !== "string") {
    throw wrongArgument("route", "the path of a route", route);
  }
  if (path !== undefined && !(typeof path === "string" && isPath(path))) {
    throw wrongArgument("path", "a path without a query, such as /ws", path);
  }
}
