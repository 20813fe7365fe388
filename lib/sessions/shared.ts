/**
 * Calls to the sessions of all instances that share a bus.
 *
 * @module
 */

import type { Bus, Replies } from "../bus/bus.ts";
import type {
  CloseOutcome,
  OutsideMessage,
  SendCounts,
  SendOutcome,
  SessionCalls,
  SessionList,
} from "./calls.ts";
import { type Question, toBody } from "./questions.ts";

/** Answers for this instance, and asks the others. */
export class SharedCalls implements SessionCalls {
  readonly #local: SessionCalls;
  readonly #bus: Bus;

  /**
   * Joins an instance's sessions with those of the others.
   *
   * @param local calls to the sessions of this instance
   * @param bus leads to the others
   */
  constructor(local: SessionCalls, bus: Bus) {
    this.#local = local;
    this.#bus = bus;
  }

  /** Lists the sessions; see {@linkcode SessionCalls.list}. */
  async list(): Promise<SessionList> {
    const [own, { answers, partial }] = await Promise.all([
      this.#local.list(),
      this.#askAll({ call: "list" }),
    ]);
    const lists = [own, ...answers as SessionList[]];
    return {
      sessions: lists.flatMap(({ sessions }) => sessions),
      partial: partial || lists.some((list) => list.partial),
    };
  }

  /** Sends to one; see {@linkcode SessionCalls.send}. */
  async send(id: string, message: OutsideMessage): Promise<SendOutcome> {
    if (this.#isLocal(id)) return await this.#local.send(id, message);
    const isText = typeof message === "string";
    const question: Question = { call: "send", id, isText };
    return await this.#ask<SendOutcome>(id, question, toBody(message));
  }

  /** Sends to all; see {@linkcode SessionCalls.sendAll}. */
  async sendAll(message: OutsideMessage, route?: string): Promise<SendCounts> {
    const isText = typeof message === "string";
    const [own, { answers, partial }] = await Promise.all([
      this.#local.sendAll(message, route),
      this.#askAll({ call: "sendAll", route, isText }, toBody(message)),
    ]);
    const counts = [own, ...answers as SendCounts[]];
    return {
      sent: counts.reduce((sum, { sent }) => sum + sent, 0),
      missed: counts.reduce((sum, { missed }) => sum + missed, 0),
      partial: partial || counts.some((count) => count.partial),
    };
  }

  /** Closes one; see {@linkcode SessionCalls.close}. */
  async close(id: string, code: number, reason: string): Promise<CloseOutcome> {
    return this.#isLocal(id)
      ? await this.#local.close(id, code, reason)
      : await this.#ask<CloseOutcome>(id, { call: "close", id, code, reason });
  }

  #isLocal(id: string): boolean {
    return instanceOf(id) === this.#bus.instance;
  }

  async #ask<Outcome>(
    id: string,
    question: Question,
    body?: Uint8Array,
  ): Promise<Outcome | "gone" | "unreachable"> {
    const reply = await this.#bus.ask(instanceOf(id), question, body);
    switch (reply.kind) {
      case "answer":
        return reply.content as Outcome;
      case "absent":
        return "gone";
      case "silent":
        return "unreachable";
    }
  }

  #askAll(question: Question, body?: Uint8Array): Promise<Replies> {
    return this.#bus.askAll(question, body);
  }
}

/** An id begins with its instance. */
function instanceOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("-")));
}
