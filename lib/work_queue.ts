/**
 * The work queue: what ESP-IDF's `httpd_queue_work` is to its server task, on
 * microtasks.
 *
 * @module
 */

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
  /**
   * Items run in one microtask before timers and sockets get a turn.
   * @default 256
   */
  readonly slice?: number;
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
  readonly #slice: number;
  #waiting: Item[] = [];
  #next = 0;
  #pending = 0;
  #scheduled = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /**
   * Makes an empty queue.
   *
   * @param options what to do with errors, and the limits
   */
  constructor(options: WorkQueueOptions) {
    this.#onError = options.onError;
    this.#limit = options.limit ?? 65536;
    this.#slice = options.slice ?? 256;
  }

  /** Items accepted and not finished. */
  get size(): number {
    return this.#waiting.length - this.#next + this.#pending;
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

  #runSlice(): void {
    const end = Math.min(this.#next + this.#slice, this.#waiting.length);
    while (this.#next < end) this.#run(this.#waiting[this.#next++]!);
    if (this.#next < this.#waiting.length) {
      this.#forgetRun();
      setTimeout(() => this.#runSlice(), 0);
      return;
    }
    this.#waiting = [];
    this.#next = 0;
    this.#scheduled = false;
    this.#settle();
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
