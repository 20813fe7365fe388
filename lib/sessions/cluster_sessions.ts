/**
 * Calls to the sessions of all instances that share a bus.
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
  OutsideMessage,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionList,
} from "./remote_sessions.ts";
import { type Question, toBody } from "./requests.ts";

/** Answers for this instance, and asks the others. */
export class SharedCalls implements RemoteSessions {
  readonly #local: RemoteSessions;
  readonly #bus: Bus;

  /**
   * Joins an instance's sessions with those of the others.
   *
   * @param local calls to the sessions of this instance
   * @param bus leads to the others
   */
  constructor(local: RemoteSessions, bus: Bus) {
    this.#local = local;
    this.#bus = bus;
  }

  /** Lists the sessions; see {@linkcode RemoteSessions.list}. */
  async list(): Promise<SessionList> {
    const [own, { answers, partial }] = await Promise.all([
      this.#local.list(),
      this.#askAll(readSessionList, { call: "list" }),
    ]);
    const lists = [own, ...answers];
    return {
      sessions: lists.flatMap(({ sessions }) => sessions),
      partial: partial || lists.some((list) => list.partial),
    };
  }

  /** Sends to one; see {@linkcode RemoteSessions.send}. */
  async send(id: string, message: OutsideMessage): Promise<SendOutcome> {
    if (this.#isLocal(id)) return await this.#local.send(id, message);
    const isText = typeof message === "string";
    const question: Question = { call: "send", id, isText };
    return await this.#ask(id, readSendOutcome, question, toBody(message));
  }

  /** Sends to all; see {@linkcode RemoteSessions.sendAll}. */
  async sendAll(message: OutsideMessage, route?: string): Promise<SendCounts> {
    const isText = typeof message === "string";
    const [own, { answers, partial }] = await Promise.all([
      this.#local.sendAll(message, route),
      this.#askAll(
        readSendCounts,
        { call: "sendAll", route, isText },
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

  /** Closes one; see {@linkcode RemoteSessions.close}. */
  async close(id: string, code: number, reason: string): Promise<CloseOutcome> {
    if (this.#isLocal(id)) return await this.#local.close(id, code, reason);
    const question: Question = { call: "close", id, code, reason };
    return await this.#ask(id, readCloseOutcome, question);
  }

  #isLocal(id: string): boolean {
    return instanceOf(id) === this.#bus.instance;
  }

  async #ask<Outcome>(
    id: string,
    read: Read<Outcome>,
    question: Question,
    body?: Uint8Array,
  ): Promise<Outcome | "gone" | "unreachable"> {
    const reply = await this.#bus.ask(instanceOf(id), question, body);
    switch (reply.kind) {
      case "answer":
        return read(reply.content) ?? "unreachable";
      case "absent":
        return "gone";
      case "silent":
        return "unreachable";
    }
  }

  /** An answer of another shape is none: there may be sessions that it lacks. */
  async #askAll<Answer>(
    read: Read<Answer>,
    question: Question,
    body?: Uint8Array,
  ): Promise<{ answers: Answer[]; partial: boolean }> {
    const replies = await this.#bus.askAll(question, body);
    const answers = replies.answers.map(read)
      .filter((answer) => answer !== undefined);
    const partial = replies.partial || answers.length < replies.answers.length;
    return { answers, partial };
  }
}

/** An id begins with its instance. */
function instanceOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("-")));
}
