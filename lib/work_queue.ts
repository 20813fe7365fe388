/**
 * The work queue: runs work in microtasks, as ESP-IDF's `httpd_queue_work` runs it in
 * the server task.
 *
 * @module
 */

import { wrongArgument } from "./errors/argument.ts";
import { isSliceOver, yieldToOthers } from "./scheduling/scheduler.ts";

/**
 * A function to run; a promise finishes when it settles.
 *
 * @example
 * ```ts
 * import { serve, type Work } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const done: string[] = [];
 * const work: Work = () => void done.push("work");
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * server.queueWork(work);
 * done.push("event");
 * await server.shutdown();
 * assertEquals(done, ["event", "work"]);
 * ```
 */
export type Work = () => void | Promise<void>;

/** Options of {@linkcode WorkQueue}. */
export interface WorkQueueOptions {
  /** Called with the error or rejection of an item, and the item's origin. */
  readonly onError: (error: unknown, origin: string) => void;
  /**
   * Unfinished items at most; {@linkcode WorkQueue.add} throws above it.
   * @default 65536
   */
  readonly limit?: number;
}

/**
 * The queue holds its limit of unfinished items.
 *
 * @example
 * ```ts
 * import { serve, WorkQueueFullError } from "@ws-echo/server";
 * import { assertThrows } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * assertThrows(() => {
 *   for (;;) server.queueWork(() => {});
 * }, WorkQueueFullError);
 * ```
 */
export class WorkQueueFullError extends Error {
  /** The class's name. */
  override readonly name = "WorkQueueFullError";

  /**
   * Makes an error.
   *
   * @param limit in items
   */
  constructor(limit: number) {
    super(`the work queue holds its limit of ${limit} items`);
  }
}

/** Part of the limit above which the queue is busy. */
const BUSY = 1 / 8;

/** Items between two reads of the clock at most; a slice starts with one. */
const MAX_STRIDE = 32;

interface Item {
  readonly work: Work;
  readonly origin: string;
}

/**
 * Runs work after the current event, in the order in which it was added. An item that
 * returns a promise does not delay the next item, but is unfinished until the promise
 * settles.
 *
 * Items run for about a millisecond; then timers, sockets and other connections run
 * before the next items.
 *
 * @example
 * ```ts
 * const queue = new WorkQueue({ onError: console.error });
 * queue.add(() => console.log("second"));
 * console.log("first");
 * await queue.drained();
 * ```
 */
export class WorkQueue {
  readonly #onError: (error: unknown, origin: string) => void;
  readonly #limit: number;
  #waiting: Item[] = [];
  #next = 0;
  #pending = 0;
  #scheduled = false;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Callbacks for the time when the queue is no longer busy. */
  #whenNotBusy: (() => void)[] = [];

  /** Makes an empty queue. */
  constructor(options: WorkQueueOptions) {
    this.#onError = options.onError;
    this.#limit = options.limit ?? 65536;
  }

  /** Unfinished items. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#pending;
  }

  /** Whether more than an eighth of the limit is unfinished; sources of work should pause. */
  get isBusy(): boolean {
    return this.size > this.#limit * BUSY;
  }

  /**
   * Calls back when the queue is no longer busy.
   *
   * @param resume called once, at the end of a slice
   */
  whenNotBusy(resume: () => void): void {
    this.#whenNotBusy.push(resume);
  }

  /**
   * Adds an item.
   *
   * @param origin name of the source, for the error log
   * @throws {WorkQueueFullError} the queue holds its limit
   * @throws {TypeError} the work is no function
   */
  add(work: Work, origin = "unknown"): void {
    if (typeof work !== "function") {
      throw wrongArgument("work", "a function", work);
    }
    if (this.size >= this.#limit) throw new WorkQueueFullError(this.#limit);
    this.#waiting.push({ work, origin });
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#runSlice());
  }

  /** Resolves when all items are finished, including those that items add. */
  drained(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#drained ??= Promise.withResolvers<void>();
    return this.#drained.promise;
  }

  /** Runs items for a slice of time, then yields to timers and sockets. */
  #runSlice(): void {
    let stride = 1;
    let untilCheck = stride;
    while (this.#next < this.#waiting.length) {
      if (untilCheck-- === 0) {
        if (isSliceOver()) break;
        stride = Math.min(2 * stride, MAX_STRIDE);
        untilCheck = stride - 1;
      }
      this.#run(this.#waiting[this.#next++]!);
    }
    if (!this.isBusy) this.#calm();
    if (this.#next < this.#waiting.length) {
      this.#removeRun();
      yieldToOthers(() => this.#runSlice());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
    this.#scheduled = false;
    this.#settle();
  }

  #calm(): void {
    const whenNotBusy = this.#whenNotBusy;
    if (whenNotBusy.length === 0) return;
    this.#whenNotBusy = [];
    for (const resume of whenNotBusy) resume();
  }

  #run({ work, origin }: Item): void {
    try {
      const result = work();
      if (result !== undefined) this.#watch(result, origin);
    } catch (error) {
      this.#report(error, origin);
    }
  }

  /** Reports an error; an error of `onError` does not stop the queue. */
  #report(error: unknown, origin: string): void {
    try {
      this.#onError(error, origin);
    } catch (second) {
      console.error(second);
    }
  }

  #watch(result: Promise<void>, origin: string): void {
    this.#pending++;
    Promise.resolve(result)
      .catch((error) => this.#report(error, origin))
      .finally(() => {
        this.#pending--;
        if (!this.isBusy) this.#calm();
        this.#settle();
      });
  }

  /** Removes the items that have run, once they are half of the array. */
  #removeRun(): void {
    if (this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  #settle(): void {
    if (this.size > 0) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
