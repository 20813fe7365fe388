/**
 * Questions to other instances, over any channel.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { wait } from "../../scheduling/wait.ts";
import { type Channel, EVERYBODY, type OpenChannel } from "./channel.ts";
import {
  decodeMessage,
  encodeMessage,
  type Head,
  isInstance,
  type Message,
} from "./message.ts";
import { HEARTBEAT, Presence } from "./presence.ts";

/** Milliseconds that a goodbye may take: who does not hear it finds out. */
const GOODBYE = 500;

/** Milliseconds that an answer may take. */
const PATIENCE = 2000;

/**
 * Answers a question that another instance asks; nothing where it does not
 * understand it.
 */
export type Answerer = (
  content: unknown,
  body: Uint8Array,
) => Promise<unknown> | undefined;

/**
 * What came of a question to one instance: its answer, `absent` where there is no
 * such instance, `silent` where it may be there and cannot be asked.
 */
export type Reply =
  | { readonly kind: "answer"; readonly content: unknown }
  | { readonly kind: "absent" | "silent" };

/** What came of a question to all. */
export interface Replies {
  /** The answers that came in time. */
  readonly answers: readonly unknown[];
  /** Whether there may be instances that did not answer. */
  readonly partial: boolean;
}

/** A question that is on its way. */
interface Waiting {
  answered(from: string, content: unknown): void;
}

/** One instance's end of what connects the instances. */
export class Bus {
  /** Names this instance. */
  readonly instance: string;
  readonly #channel: Channel;
  readonly #answer: Answerer;
  readonly #presence = new Presence();
  readonly #waiting = new Map<number, Waiting>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #number = 0;
  #wasOpen = false;

  /**
   * Connects an instance.
   *
   * @param instance names it
   * @param open opens the channel to the others
   * @param answer answers their questions
   */
  constructor(instance: string, open: OpenChannel, answer: Answerer) {
    this.instance = instance;
    this.#answer = answer;
    this.#heartbeat = setInterval(() => this.#say("here", false), HEARTBEAT);
    this.#channel = open({
      instance,
      opened: () => this.#opened(),
      received: (bytes) => this.#received(bytes),
    });
  }

  /**
   * Asks one instance.
   *
   * @param instance which one
   * @param content the question, in what JSON can hold
   * @param body bytes that belong to it
   */
  async ask(
    instance: string,
    content: unknown,
    body?: Uint8Array,
  ): Promise<Reply> {
    if (!isInstance(instance) || instance === this.instance) {
      return { kind: "absent" };
    }
    if (!this.#channel.isOpen) return { kind: "silent" };
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const end = this.#wait({
      answered: (from, content) => {
        if (from === instance) resolve({ kind: "answer", content });
      },
    }, () => resolve({ kind: "silent" }));
    this.#publish(instance, {
      kind: "question",
      from: this.instance,
      number: end.number,
      content,
    }, body).then((receivers) => {
      if (receivers > 0) return;
      const mayBe = receivers < 0 || this.#presence.isLooking ||
        this.#presence.has(instance);
      resolve({ kind: mayBe ? "silent" : "absent" });
    });
    try {
      return await promise;
    } finally {
      end();
    }
  }

  /**
   * Asks all other instances.
   *
   * @param content the question, in what JSON can hold
   * @param body bytes that belong to it
   */
  async askAll(content: unknown, body?: Uint8Array): Promise<Replies> {
    if (!this.#channel.isOpen) return { answers: [], partial: true };
    const answers = new Map<string, unknown>();
    let expected = Infinity;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (answers.size >= expected) resolve();
    };
    const end = this.#wait({
      answered(from, content) {
        answers.set(from, content);
        look();
      },
    }, resolve);
    this.#publish(EVERYBODY, {
      kind: "question",
      from: this.instance,
      number: end.number,
      content,
    }, body).then((receivers) => {
      // The sender is one of them.
      expected = receivers - 1;
      look();
    });
    try {
      await promise;
    } finally {
      end();
    }
    const partial = !(answers.size >= expected && expected >= 0) ||
      this.#presence.isLooking ||
      this.#presence.list().some((instance) => !answers.has(instance));
    return { answers: [...answers.values()], partial };
  }

  /** Says goodbye, where that is heard soon, and leaves. */
  async shutdown(): Promise<void> {
    clearInterval(this.#heartbeat);
    const said = new AbortController();
    await Promise.race([
      this.#say("bye", false),
      wait(GOODBYE, [said.signal]),
    ]);
    said.abort();
    await this.#channel.close();
  }

  #opened(): void {
    if (this.#wasOpen) this.#presence.hearsAgain();
    this.#wasOpen = true;
    this.#say("here", true);
  }

  async #say(kind: "here" | "bye", isNew: boolean): Promise<void> {
    if (!this.#channel.isOpen) return;
    await this.#publish(EVERYBODY, { kind, from: this.instance, isNew });
  }

  /** Returns the number of receivers; -1 where the channel has failed. */
  #publish(to: string, head: Head, body?: Uint8Array): Promise<number> {
    return this.#channel.publish(to, encodeMessage(head, body)).catch(() => -1);
  }

  /** Waits for answers; to be ended by calling what is returned. */
  #wait(
    waiting: Waiting,
    late: () => void,
  ): { (): void; readonly number: number } {
    const number = ++this.#number;
    this.#waiting.set(number, waiting);
    const timer = setTimeout(late, PATIENCE);
    const end = () => {
      clearTimeout(timer);
      this.#waiting.delete(number);
    };
    return Object.assign(end, { number });
  }

  #received(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (message === undefined) {
      getLogger("ws_echo_server").debug("The bus: a message of another form");
      return;
    }
    const { head } = message;
    if (head.from === this.instance) return;
    switch (head.kind) {
      case "here":
        if (this.#presence.saw(head.from) || head.isNew) {
          this.#publish(head.from, {
            kind: "here",
            from: this.instance,
            isNew: false,
          });
        }
        break;
      case "bye":
        this.#presence.left(head.from);
        break;
      case "question":
        this.#answerTo(head.from, head.number, message);
        break;
      case "answer":
        this.#waiting.get(head.number)?.answered(head.from, head.content);
        break;
    }
  }

  async #answerTo(
    asker: string,
    number: number,
    { head, body }: Message,
  ): Promise<void> {
    if (head.kind !== "question") return;
    try {
      const content = await this.#answer(head.content, body);
      if (content === undefined) {
        getLogger("ws_echo_server").debug("The bus: an unknown question");
        return;
      }
      await this.#publish(asker, {
        kind: "answer",
        from: this.instance,
        number,
        content,
      });
    } catch (error) {
      // The asker is told nothing, and takes this instance for silent.
      getLogger("ws_echo_server").error("A question of the bus:", error);
    }
  }
}
