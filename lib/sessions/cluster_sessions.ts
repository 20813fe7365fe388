/**
 * The sessions of all instances that a bus connects.
 *
 * @module
 */

import type { Bus } from "../cluster/bus/bus.ts";
import type { Read } from "../cluster/bus/shape.ts";
import {
  readCloseOutcome,
  readSendCounts,
  readSendOutcome,
  readSessionList,
} from "./replies.ts";
import type {
  CloseOutcome,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionList,
  SessionMessage,
} from "./remote_sessions.ts";
import { type SessionRequest, toBody } from "./requests.ts";
import type { SessionTarget } from "./session_target.ts";

/** Reaches the sessions of this instance and, over the bus, of the other instances. */
export class ClusterSessions implements RemoteSessions {
  readonly #local: RemoteSessions;
  readonly #bus: Bus;

  /**
   * Joins the sessions of all instances.
   *
   * @param local the sessions of this instance
   * @param bus connects the other instances
   */
  constructor(local: RemoteSessions, bus: Bus) {
    this.#local = local;
    this.#bus = bus;
  }

  /** Lists the sessions; see {@linkcode RemoteSessions.list}. */
  async list(): Promise<SessionList> {
    const [own, { answers, partial }] = await Promise.all([
      this.#local.list(),
      this.#requestAll(readSessionList, { call: "list" }),
    ]);
    const lists = [own, ...answers];
    return {
      sessions: lists.flatMap(({ sessions }) => sessions),
      partial: partial || lists.some((list) => list.partial),
    };
  }

  /** Sends to one session; see {@linkcode RemoteSessions.send}. */
  async send(id: string, message: SessionMessage): Promise<SendOutcome> {
    if (this.#isLocal(id)) return await this.#local.send(id, message);
    const isText = typeof message === "string";
    const request: SessionRequest = { call: "send", id, isText };
    return await this.#request(id, readSendOutcome, request, toBody(message));
  }

  /** Sends to many sessions; see {@linkcode RemoteSessions.sendAll}. */
  async sendAll(
    message: SessionMessage,
    target: SessionTarget = {},
  ): Promise<SendCounts> {
    const { route, path } = target;
    const isText = typeof message === "string";
    const [own, { answers, partial }] = await Promise.all([
      this.#local.sendAll(message, target),
      this.#requestAll(
        readSendCounts,
        { call: "sendAll", route, path, isText },
        toBody(message),
      ),
    ]);
    const counts = [own, ...answers];
    return {
      sent: counts.reduce((sum, { sent }) => sum + sent, 0),
      missed: counts.reduce((sum, { missed }) => sum + missed, 0),
      partial: partial || counts.some((count) => count.partial),
    };
  }

  /** Closes one session; see {@linkcode RemoteSessions.close}. */
  async close(id: string, code: number, reason: string): Promise<CloseOutcome> {
    if (this.#isLocal(id)) return await this.#local.close(id, code, reason);
    const request: SessionRequest = { call: "close", id, code, reason };
    return await this.#request(id, readCloseOutcome, request);
  }

  #isLocal(id: string): boolean {
    return instanceOf(id) === this.#bus.instance;
  }

  async #request<Outcome>(
    id: string,
    read: Read<Outcome>,
    request: SessionRequest,
    body?: Uint8Array,
  ): Promise<Outcome | "gone" | "unreachable"> {
    const reply = await this.#bus.request(instanceOf(id), request, body);
    switch (reply.kind) {
      case "answer":
        return read(reply.content) ?? "unreachable";
      case "absent":
        return "gone";
      case "silent":
        return "unreachable";
    }
  }

  /** Counts a reply of another shape as missing, so the result is partial. */
  async #requestAll<Answer>(
    read: Read<Answer>,
    request: SessionRequest,
    body?: Uint8Array,
  ): Promise<{ answers: Answer[]; partial: boolean }> {
    const replies = await this.#bus.requestAll(request, body);
    const answers = replies.answers.map(read)
      .filter((answer) => answer !== undefined);
    const partial = replies.partial || answers.length < replies.answers.length;
    return { answers, partial };
  }
}

/** The instance with which an id begins. */
function instanceOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("-")));
}
