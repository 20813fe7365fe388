/**
 * Requests to other instances and their replies, over any channel.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import { wait } from "../../scheduling/wait.ts";
import { ALL, type Channel, type OpenChannel } from "./channel.ts";
import {
  decodeMessage,
  encodeMessage,
  type Head,
  isInstance,
} from "./message.ts";
import { HEARTBEAT, Presence } from "./presence.ts";

/** Milliseconds that a shutdown waits until its `bye` is sent. */
const BYE_TIMEOUT = 500;

/** Milliseconds that a reply may take. */
const REPLY_TIMEOUT = 2000;

/**
 * Replies to a request of another instance.
 *
 * @returns `undefined` for an unknown request, which gets no reply
 */
export type RequestHandler = (
  content: unknown,
  body: Uint8Array,
) => Promise<unknown> | undefined;

/**
 * The result of a request to one instance: its reply, `absent` if there is no such
 * instance, `silent` if it may exist and did not reply.
 */
export type Reply =
  | { readonly kind: "answer"; readonly content: unknown }
  | { readonly kind: "absent" | "silent" };

/** The result of a request to all other instances. */
export interface Replies {
  /** The replies that came in time. */
  readonly answers: readonly unknown[];
  /** Whether there may be instances that did not reply. */
  readonly partial: boolean;
}

/** Called for each reply to a request. */
type OnReply = (from: string, content: unknown) => void;

/** A request that waits for replies. */
interface PendingRequest {
  readonly number: number;
  /** Stops waiting. */
  end(): void;
}

/** Connects one instance with the other instances. */
export class Bus {
  /** Name of this instance. */
  readonly instance: string;
  readonly #channel: Channel;
  readonly #handler: RequestHandler;
  readonly #presence = new Presence();
  readonly #pending = new Map<number, OnReply>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #number = 0;
  #wasOpen = false;

  /**
   * Connects an instance.
   *
   * @param instance its name
   * @param open opens the channel to the other instances
   * @param handler replies to their requests
   */
  constructor(instance: string, open: OpenChannel, handler: RequestHandler) {
    this.instance = instance;
    this.#handler = handler;
    this.#heartbeat = setInterval(
      () => this.#announce("here", false),
      HEARTBEAT,
    );
    this.#channel = open({
      instance,
      opened: () => this.#opened(),
      received: (bytes) => this.#received(bytes),
    });
  }

  /**
   * Sends a request to one instance.
   *
   * @param instance its name
   * @param content the request, a JSON value
   * @param body bytes that follow the request
   */
  async request(
    instance: string,
    content: unknown,
    body?: Uint8Array,
  ): Promise<Reply> {
    if (!isInstance(instance) || instance === this.instance) {
      return { kind: "absent" };
    }
    if (!this.#channel.isOpen) return { kind: "silent" };
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const request = this.#begin(
      (from, content) => {
        if (from === instance) resolve({ kind: "answer", content });
      },
      () => resolve({ kind: "silent" }),
    );
    this.#send(instance, request, content, body).then((receivers) => {
      if (receivers > 0) return;
      const mayExist = receivers < 0 || this.#presence.isIncomplete ||
        this.#presence.has(instance);
      resolve({ kind: mayExist ? "silent" : "absent" });
    });
    try {
      return await promise;
    } finally {
      request.end();
    }
  }

  /**
   * Sends a request to all other instances.
   *
   * @param content the request, a JSON value
   * @param body bytes that follow the request
   */
  async requestAll(content: unknown, body?: Uint8Array): Promise<Replies> {
    if (!this.#channel.isOpen) return { answers: [], partial: true };
    const answers = new Map<string, unknown>();
    let expected = Infinity;
    const { promise, resolve } = Promise.withResolvers<void>();
    const resolveIfComplete = () => {
      if (answers.size >= expected) resolve();
    };
    const request = this.#begin((from, content) => {
      answers.set(from, content);
      resolveIfComplete();
    }, resolve);
    this.#send(ALL, request, content, body).then((receivers) => {
      // The sender is one of the receivers.
      expected = receivers - 1;
      resolveIfComplete();
    });
    try {
      await promise;
    } finally {
      request.end();
    }
    const partial = !(answers.size >= expected && expected >= 0) ||
      this.#presence.isIncomplete ||
      this.#presence.list().some((instance) => !answers.has(instance));
    return { answers: [...answers.values()], partial };
  }

  /** Tells the other instances that this instance shuts down, and closes the channel. */
  async shutdown(): Promise<void> {
    clearInterval(this.#heartbeat);
    const sent = new AbortController();
    await Promise.race([
      this.#announce("bye", false),
      wait(BYE_TIMEOUT, [sent.signal]),
    ]);
    sent.abort();
    await this.#channel.close();
  }

  #opened(): void {
    if (this.#wasOpen) this.#presence.renew();
    this.#wasOpen = true;
    this.#announce("here", true);
  }

  async #announce(kind: "here" | "bye", isNew: boolean): Promise<void> {
    if (!this.#channel.isOpen) return;
    await this.#publish(ALL, { kind, from: this.instance, isNew });
  }

  #send(
    to: string,
    { number }: PendingRequest,
    content: unknown,
    body: Uint8Array | undefined,
  ): Promise<number> {
    const from = this.instance;
    return this.#publish(to, { kind: "question", from, number, content }, body);
  }

  /** Returns the number of receivers; -1 if the channel has failed. */
  #publish(to: string, head: Head, body?: Uint8Array): Promise<number> {
    return this.#channel.publish(to, encodeMessage(head, body)).catch(() => -1);
  }

  /** Waits for replies until {@linkcode PendingRequest.end}. */
  #begin(onReply: OnReply, onTimeout: () => void): PendingRequest {
    const number = ++this.#number;
    this.#pending.set(number, onReply);
    const timer = setTimeout(onTimeout, REPLY_TIMEOUT);
    return {
      number,
      end: () => {
        clearTimeout(timer);
        this.#pending.delete(number);
      },
    };
  }

  #received(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (message === undefined) {
      getLogger("ws_echo_server").debug("The bus: an invalid message");
      return;
    }
    const { head } = message;
    const { from } = head;
    if (from === this.instance) return;
    switch (head.kind) {
      case "here":
        if (this.#presence.add(from) || head.isNew) {
          this.#publish(from, {
            kind: "here",
            from: this.instance,
            isNew: false,
          });
        }
        break;
      case "bye":
        this.#presence.remove(from);
        break;
      case "question":
        this.#reply(from, head.number, head.content, message.body);
        break;
      case "answer":
        this.#pending.get(head.number)?.(from, head.content);
        break;
    }
  }

  async #reply(
    to: string,
    number: number,
    request: unknown,
    body: Uint8Array,
  ): Promise<void> {
    try {
      const content = await this.#handler(request, body);
      if (content === undefined) {
        getLogger("ws_echo_server").debug("The bus: an unknown request");
        return;
      }
      const from = this.instance;
      await this.#publish(to, { kind: "answer", from, number, content });
    } catch (error) {
      // Without a reply the sender of the request counts this instance as silent.
      getLogger("ws_echo_server").error("A request on the bus failed:", error);
    }
  }
}
