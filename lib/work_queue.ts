/**
 * The work queue: what ESP-IDF's `httpd_queue_work` is to its server task, on
 * microtasks.
 *
 * @module
 */

import { isSliceOver, yieldToOthers } from "./scheduling/scheduler.ts";

/** What can be queued. */
export type Work = () => void | Promise<void>;

/** Options of {@linkcode WorkQueue}. */
export interface WorkQueueOptions {
  /** Called with what a work item threw or rejected with, and the item's origin. */
  readonly onError: (error: unknown, origin: string) => void;
  /**
   * Items accepted and not finished; past it {@linkcode WorkQueue.add} throws.
   * @default 65536
   */
  readonly limit?: number;
}

/** The queue holds its limit of unfinished items. */
export class WorkQueueFullError extends Error {
  /** The class's name. */
  override readonly name = "WorkQueueFullError";

  /**
   * Names the limit.
   *
   * @param limit in items
   */
  constructor(limit: number) {
    super(`the work queue holds its limit of ${limit} items`);
  }
}

/** Part of the limit from which on the queue is busy. */
const BUSY = 1 / 8;

/** Items that run between two looks at the clock, at most; at first it is one. */
const MAX_STRIDE = 32;

interface Item {
  readonly work: Work;
  readonly origin: string;
}

/**
 * Runs work in the order it was added, after the current event and never inside
 * the call that adds it. Items start one after another; an item that returns a
 * promise does not hold up the next one, but counts as unfinished until the
 * promise settles.
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
  /** Called when the queue is no longer busy. */
  #calmed: (() => void)[] = [];

  /**
   * Makes an empty queue.
   *
   * @param options what to do with errors, and the limits
   */
  constructor(options: WorkQueueOptions) {
    this.#onError = options.onError;
    this.#limit = options.limit ?? 65536;
  }

  /** Items accepted and not finished. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#pending;
  }

  /** Whether so many items wait that a source of more should pause. */
  get isBusy(): boolean {
    return this.size > this.#limit * BUSY;
  }

  /**
   * Calls back when the queue is no longer busy.
   *
   * @param goOn called once, at the end of a slice
   */
  calmed(goOn: () => void): void {
    this.#calmed.push(goOn);
  }

  /**
   * Accepts an item.
   *
   * @param work what to run
   * @param origin names the source in the error log
   * @throws {WorkQueueFullError} when the queue holds its limit
   */
  add(work: Work, origin = "unknown"): void {
    if (this.size >= this.#limit) throw new WorkQueueFullError(this.#limit);
    this.#waiting.push({ work, origin });
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#runSlice());
  }

  /** Resolves when everything accepted until then, and by it, is finished. */
  drained(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#drained ??= Promise.withResolvers<void>();
    return this.#drained.promise;
  }

  /** Runs items for a slice of time; then timers and sockets have their turn. */
  #runSlice(): void {
    let stride = 1;
    let untilLook = stride;
    while (this.#next < this.#waiting.length) {
      if (untilLook-- === 0) {
        if (isSliceOver()) break;
        stride = Math.min(2 * stride, MAX_STRIDE);
        untilLook = stride - 1;
      }
      this.#run(this.#waiting[this.#next++]!);
    }
    if (!this.isBusy) this.#calm();
    if (this.#next < this.#waiting.length) {
      this.#forgetRun();
      yieldToOthers(() => this.#runSlice());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
    this.#scheduled = false;
    this.#settle();
  }

  #calm(): void {
    const calmed = this.#calmed;
    if (calmed.length === 0) return;
    this.#calmed = [];
    for (const goOn of calmed) goOn();
  }

  #run({ work, origin }: Item): void {
    try {
      const result = work();
      if (result !== undefined) this.#watch(result, origin);
    } catch (error) {
      this.#report(error, origin);
    }
  }

  /** An `onError` that throws must not stop the queue. */
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

  /** Lets go of the items that have run, once they are half of the array. */
  #forgetRun(): void {
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
