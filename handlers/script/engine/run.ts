/**
 * The engine: runs the steps of a plan on an endpoint.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { line } from "../../../lib/log/fields.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import {
  isSliceOver,
  yieldToOthers,
} from "../../../lib/scheduling/scheduler.ts";
import type { Frame } from "../../../lib/websocket.ts";
import {
  DelayedReplies,
  type ReplyConnection,
  type ReplyOptions,
} from "../replies/delayed_replies.ts";
import { Timers } from "../replies/timers.ts";
import { Completion } from "./completion.ts";
import type { Endpoint, WireActions } from "./endpoint.ts";
import { Inbox } from "./inbox.ts";
import type { ShownRequest } from "./shown_request.ts";
import type { PlannedStep } from "./step.ts";

/** Replies to a message. */
export type Reply = (connection: ReplyConnection, message: Frame) => void;

/** Handles a message; the next one waits for the promise. */
export type MessageHandler = (message: Frame) => void | PromiseLike<void>;

/** Options of {@linkcode Run}. */
export interface RunOptions {
  /** The connection. */
  readonly endpoint: Endpoint;
  /** The steps after the handshake. */
  readonly steps: readonly PlannedStep[];
  /** The route's reply to a message. */
  readonly reply: Reply;
  /** Maximum number of bytes of waiting replies. */
  readonly limit: number;
  /** The handshake request, for steps that send parts of it. */
  readonly shown?: ShownRequest | undefined;
  /** Called before the first step. */
  readonly onStart?: (() => void) | undefined;
  /** Called when the first step that takes time has begun, or all steps have ended. */
  readonly onPause?: (() => void) | undefined;
  /** Milliseconds after which the plan ends with 1001; `undefined`: no limit. */
  readonly maxTime?: number | undefined;
  /**
   * Whether at least half of MEMORY_LIMIT is held: a step with much output then ends the
   * plan.
   * @default never
   */
  readonly isTight?: (() => boolean) | undefined;
}

/** Bytes of output that a step may make while memory is tight, or after the time slice. */
const SMALL = 65_536;

/** One plan on one connection. */
export class Run {
  /** The connection. */
  readonly endpoint: Endpoint;
  /** The timers of the connection. */
  readonly timers: Timers = new Timers();
  readonly #shown: ShownRequest | undefined;
  readonly #startedAt = performance.now();
  #hooks: Pick<RunOptions, "onStart" | "onPause">;
  readonly #steps: readonly PlannedStep[];
  readonly #reply: Reply;
  readonly #limit: number;
  readonly #isTight: () => boolean;
  readonly #inbox: Inbox;
  readonly #replies: DelayedReplies[] = [];
  readonly #finished = new Completion();
  #replyOptions: ReplyOptions = {};
  #handler: MessageHandler | undefined;
  #isDraining = false;
  /** Limit of the next step that takes messages, in milliseconds. */
  #within: number | undefined;
  /** Index of the step that runs. */
  #index = 0;
  #isOver = false;

  /**
   * Makes a run; {@linkcode Run.start} starts it.
   *
   * @param options connection and plan
   */
  constructor(options: RunOptions) {
    this.endpoint = options.endpoint;
    this.#shown = options.shown;
    this.#hooks = options;
    this.#steps = options.steps;
    this.#reply = options.reply;
    this.#limit = options.limit;
    this.#isTight = options.isTight ?? (() => false);
    this.#inbox = new Inbox((bytes) => this.endpoint.charge(bytes));
    this.#replies.push(this.#newReplies());
    if (options.maxTime !== undefined) {
      this.timers.after(
        options.maxTime,
        () => this.fail(CLOSE_CODE.goingAway, "the plan's time is over"),
      );
    }
  }

  /** Resolves when the last step has ended, or the connection. */
  get finished(): PromiseLike<void> {
    return this.#finished;
  }

  /** Whether the connection has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Milliseconds since the run was made. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  /** The handshake request. */
  get shown(): ShownRequest {
    if (this.#shown === undefined) throw new TypeError("no request is kept");
    return this.#shown;
  }

  /** The bytes of the connection. */
  get wire(): WireActions {
    const { wire } = this.endpoint;
    if (wire === undefined) throw new TypeError("the plan has no wire");
    return wire;
  }

  /** Runs the steps; those that take no time run before this returns. */
  start(): void {
    this.#hooks.onStart?.();
    this.#proceed();
  }

  /**
   * Takes a message of the client.
   *
   * @param message valid during the call
   * @returns a promise if the next message has to wait
   */
  message(message: Frame): void | PromiseLike<void> {
    if (this.#isOver) return;
    if (
      this.#handler !== undefined && !this.#isDraining && this.#inbox.isEmpty
    ) {
      return this.#handler(message);
    }
    if (this.#willTake()) return this.#inbox.add(message);
  }

  /** Ends the timers and drops messages and replies: the connection has ended. */
  end(): void {
    this.#isOver = true;
    this.timers.end();
    this.#handler = undefined;
    this.#inbox.clear();
    for (const replies of this.#replies) replies.clear();
    this.#finished.done();
  }

  /**
   * Sends a CLOSE, and ends the plan: that limits the time until TCP ends.
   *
   * @param code of the CLOSE
   * @param reason of the CLOSE
   */
  fail(code: number, reason?: string): void {
    this.endpoint.close(code, reason);
    this.end();
  }

  /**
   * Waits for a time. If the connection ends before, the promise never settles.
   *
   * @param ms milliseconds
   */
  wait(ms: number): PromiseLike<void> {
    const waited = new Completion();
    this.timers.after(ms, () => waited.done());
    return waited;
  }

  /**
   * Changes the replies from the next one on.
   *
   * @param options delay, jitter or fragments
   */
  setReplies(options: ReplyOptions): void {
    this.#replyOptions = { ...this.#replyOptions, ...options };
    this.#replies.push(this.#newReplies());
  }

  /**
   * Limits the time of the next step that takes messages.
   *
   * @param ms milliseconds
   */
  setWithin(ms: number): void {
    this.#within = ms;
  }

  /**
   * Replies to messages as the route does.
   *
   * @param count number of messages; `undefined`: all
   */
  echo(count: number | undefined): PromiseLike<void> {
    return this.take(count, (message) => this.reply(message));
  }

  /**
   * Replies to one message as the route does.
   *
   * @param message of the client
   */
  reply(message: Frame): void {
    this.#reply(this.#replies.at(-1)!, message);
  }

  /**
   * Takes messages.
   *
   * @param count number of messages; `undefined`: all
   * @param handler called for each
   * @returns resolves after the last message and the replies to it, or when the time of
   * `setWithin` is over
   */
  take(
    count: number | undefined,
    handler: MessageHandler = () => {},
  ): Completion {
    const taken = new Completion();
    const stop = () => {
      if (this.#handler === take) this.#handler = undefined;
    };
    let left = count ?? Infinity;
    const take: MessageHandler = (message) => {
      left--;
      if (left === 0) stop();
      const pending = handler(message);
      if (left > 0) return pending;
      const finish = () =>
        this.#replies.at(-1)!.afterReplies(() => taken.done());
      if (pending === undefined) finish();
      else return pending.then(finish);
    };
    const limit = this.#within;
    this.#within = undefined;
    if (limit !== undefined) {
      this.timers.after(limit, () => {
        stop();
        taken.done();
      });
    }
    this.#handler = take;
    this.#drain();
    return taken;
  }

  /** Gives the held messages to the step that takes messages. */
  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (this.#handler !== undefined) {
      const message = this.#inbox.take();
      if (message === undefined) break;
      const pending = this.#handler(message);
      if (pending === undefined) continue;
      pending.then(() => {
        this.#isDraining = false;
        this.#drain();
      }, (error) => this.#failStep(error));
      return;
    }
    this.#isDraining = false;
  }

  /** Runs steps until one takes time. */
  #proceed(): void {
    while (this.#index < this.#steps.length) {
      if (this.#isOver || !this.#runStep()) return;
    }
    if (this.#isOver) return;
    this.#reportPause();
    this.#inbox.clear();
    this.#finished.done();
  }

  /** Runs the next step; returns whether it has ended. */
  #runStep(): boolean {
    const { step, values } = this.#steps[this.#index]!;
    if ((step.outputBytes?.(values) ?? 0) > SMALL) {
      if (this.#isTight()) {
        const reason = "the server has too little memory";
        this.fail(CLOSE_CODE.tryAgainLater, reason);
        return false;
      }
      // Many connections may begin such a step within one turn.
      if (isSliceOver()) {
        yieldToOthers(() => this.#proceed());
        return false;
      }
    }
    try {
      const pending = step.run?.(this, values);
      if (pending === undefined) {
        this.#index++;
        return true;
      }
      this.#reportPause();
      pending.then(() => {
        this.#index++;
        this.#proceed();
      }, (error) => this.#failStep(error));
    } catch (error) {
      this.#failStep(error);
    }
    return false;
  }

  /** Tells once that the first step that takes time has begun. */
  #reportPause(): void {
    const { onPause } = this.#hooks;
    this.#hooks = {};
    onPause?.();
  }

  /** Whether a step that is not over takes messages. */
  #willTake(): boolean {
    const next = this.#handler === undefined ? this.#index + 1 : this.#index;
    return this.#steps.slice(next).some(({ step }) => step.takesMessages);
  }

  #newReplies(): DelayedReplies {
    return new DelayedReplies(
      this.endpoint,
      this.#replyOptions,
      this.timers,
      this.#limit,
      (code, reason) => this.fail(code, reason),
    );
  }

  #failStep(error: unknown): void {
    // A connection that ends during a step is no fault.
    if (error instanceof ConnectionClosedError || this.#isOver) return;
    getLogger("ws_echo_server").error(
      ...line`A step failed on sock ${{ "session.id": this.endpoint.id }}:`,
      error,
    );
    this.fail(CLOSE_CODE.internalError);
  }
}
