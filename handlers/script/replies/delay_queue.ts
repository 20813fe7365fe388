/**
 * A queue that delays items and keeps their order.
 *
 * @module
 */

import {
  hasWaitingWork,
  isSliceOver,
  yieldToOthers,
} from "../../../lib/scheduling/scheduler.ts";
import type { Timers } from "./timers.ts";

/**
 * Bytes of memory per waiting item in addition to its content: slots in three arrays,
 * which may be half empty, and an object.
 */
const ITEM_BYTES = 128;

/** Number of items between two checks of the time slice. */
const STRIDE = 8;

/** Options of {@linkcode DelayQueue}. */
export interface DelayQueueOptions<Item> {
  /** Milliseconds of delay for each item. */
  readonly delay: number;
  /** Maximum random delay in addition, in milliseconds. */
  readonly jitter: number;
  /** Timers of the connection; when they end, the queue runs no further item. */
  readonly timers: Timers;
  /** Runs an item when it is due. */
  readonly run: (item: Item) => void;
  /** Called with the change of the memory that the queue holds, in bytes. */
  readonly charge: (bytes: number) => void;
}

/**
 * Runs each item after a delay, in the order of the calls to `add`: jitter never lets
 * an item overtake an earlier one.
 */
export class DelayQueue<Item> {
  readonly #options: DelayQueueOptions<Item>;
  /** Waiting items from `#next` on; the slots before it are `undefined`. */
  #items: (Item | undefined)[] = [];
  /** The time at which each item is due, by `performance.now`. */
  #dues: number[] = [];
  /** The bytes that each item holds. */
  #sizes: number[] = [];
  #next = 0;
  #bytes = 0;
  #lastDue = 0;
  #isScheduled = false;

  /**
   * Makes an empty queue.
   *
   * @param options delay, timers and callbacks
   */
  constructor(options: DelayQueueOptions<Item>) {
    this.#options = options;
  }

  /** Bytes of memory that the waiting items hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds an item.
   *
   * @param item to run after the delay
   * @param bytes that the item holds
   */
  add(item: Item, bytes: number): void {
    const { delay, jitter } = this.#options;
    const due = performance.now() + delay + Math.random() * jitter;
    this.#lastDue = Math.max(this.#lastDue, due);
    const size = bytes + ITEM_BYTES;
    this.#items.push(item);
    this.#dues.push(this.#lastDue);
    this.#sizes.push(size);
    this.#charge(size);
    this.#schedule();
  }

  /** Drops all waiting items. */
  clear(): void {
    this.#items = [];
    this.#dues = [];
    this.#sizes = [];
    this.#next = 0;
    this.#charge(-this.#bytes);
  }

  #charge(bytes: number): void {
    this.#bytes += bytes;
    this.#options.charge(bytes);
  }

  /** Sets one timer, for the first item; later items need none. */
  #schedule(): void {
    const due = this.#dues[this.#next];
    if (due === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    const ms = Math.max(0, Math.ceil(due - performance.now()));
    this.#options.timers.after(ms, () => {
      // The timers of many connections may fire in one turn of the event loop.
      if (hasWaitingWork()) yieldToOthers(() => this.#run());
      else this.#run();
    });
  }

  /** Runs due items until the time slice is over, then yields to other connections. */
  #run(): void {
    const now = performance.now();
    for (let count = 1;; count++) {
      const due = this.#dues[this.#next];
      if (due === undefined || due > now) break;
      const item = this.#items[this.#next]!;
      this.#items[this.#next] = undefined;
      this.#charge(-this.#sizes[this.#next]!);
      this.#next++;
      this.#options.run(item);
      if (count % STRIDE === 0 && isSliceOver()) {
        this.#trim();
        yieldToOthers(() => this.#run());
        return;
      }
    }
    this.#trim();
    this.#isScheduled = false;
    this.#schedule();
  }

  /** Removes the slots of finished items when they are half of the arrays. */
  #trim(): void {
    if (this.#next * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#next);
    this.#dues = this.#dues.slice(this.#next);
    this.#sizes = this.#sizes.slice(this.#next);
    this.#next = 0;
  }
}
