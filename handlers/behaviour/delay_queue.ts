/**
 * What is done late, and still in order.
 *
 * @module
 */

import {
  hasWaitingWork,
  isSliceOver,
  yieldToOthers,
} from "../../lib/scheduling/scheduler.ts";
import type { Timers } from "./timers.ts";

/**
 * Bytes of memory that a waiting item takes in addition to what it holds: its
 * places in two arrays, which may be half empty, and an object around its content.
 */
const ITEM_BYTES = 128;

/** Items that are done between two looks at the clock. */
const STRIDE = 8;

/** How late. */
export interface Lateness {
  /** Milliseconds, for all. */
  readonly delay: number;
  /** Milliseconds at most that chance adds. */
  readonly jitter: number;
}

/** Options of {@linkcode DelayQueue}. */
export interface DelayQueueOptions<Item> {
  /** How late. */
  readonly lateness: Lateness;
  /** Run the queue; what still waits when they end is never done. */
  readonly timers: Timers;
  /** Does an item. */
  readonly act: (item: Item) => void;
  /** Told how many bytes more, or with a minus sign fewer, are held. */
  readonly held: (bytes: number) => void;
}

/**
 * Does everything late, in the order in which it was added: what chance would let
 * overtake waits for what is before it.
 */
export class DelayQueue<Item> {
  readonly #options: DelayQueueOptions<Item>;
  /** Those that are done are `undefined`. */
  #items: (Item | undefined)[] = [];
  /** When each is due, on the clock of `performance.now`; numbers cost 8 bytes here. */
  #dues: number[] = [];
  /** Bytes that each holds. */
  #sizes: number[] = [];
  #next = 0;
  #bytes = 0;
  #lastDue = 0;
  #isScheduled = false;

  /**
   * Makes an empty queue.
   *
   * @param options lateness, timers and what is done
   */
  constructor(options: DelayQueueOptions<Item>) {
    this.#options = options;
  }

  /** Bytes of memory that what waits takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds an item.
   *
   * @param item to do
   * @param bytes that it holds until then
   */
  add(item: Item, bytes: number): void {
    const { delay, jitter } = this.#options.lateness;
    const due = performance.now() + delay + Math.random() * jitter;
    this.#lastDue = Math.max(this.#lastDue, due);
    const size = bytes + ITEM_BYTES;
    this.#items.push(item);
    this.#dues.push(this.#lastDue);
    this.#sizes.push(size);
    this.#hold(size);
    this.#schedule();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
    this.#dues = [];
    this.#sizes = [];
    this.#next = 0;
    this.#hold(-this.#bytes);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#options.held(bytes);
  }

  /** One timer, however many wait. */
  #schedule(): void {
    const due = this.#dues[this.#next];
    if (due === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    const ms = Math.max(0, Math.ceil(due - performance.now()));
    this.#options.timers.after(ms, () => {
      // Many timers may be due at once.
      if (hasWaitingWork()) yieldToOthers(() => this.#run());
      else this.#run();
    });
  }

  /** Does what is due, for a slice of time; then the other connections go first. */
  #run(): void {
    const now = performance.now();
    for (let count = 1;; count++) {
      const due = this.#dues[this.#next];
      if (due === undefined || due > now) break;
      const item = this.#items[this.#next]!;
      this.#items[this.#next] = undefined;
      this.#hold(-this.#sizes[this.#next]!);
      this.#next++;
      this.#options.act(item);
      if (count % STRIDE === 0 && isSliceOver()) {
        this.#forgetRun();
        yieldToOthers(() => this.#run());
        return;
      }
    }
    this.#forgetRun();
    this.#isScheduled = false;
    this.#schedule();
  }

  /** Lets go of what is done, once it is half of the array. */
  #forgetRun(): void {
    if (this.#next * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#next);
    this.#dues = this.#dues.slice(this.#next);
    this.#sizes = this.#sizes.slice(this.#next);
    this.#next = 0;
  }
}
