/**
 * What is done late, and still in order.
 *
 * @module
 */

import { isSliceOver, yieldToOthers } from "../../lib/scheduling/scheduler.ts";
import type { Timers } from "./timers.ts";

/**
 * Bytes of memory that a waiting item takes in addition to its message: the item,
 * the objects around the message, and the array that has grown to hold it
 * (measured: 130 to 190).
 */
const ITEM_BYTES = 192;

/** Items that run between two looks at the clock. */
const STRIDE = 8;

/** How late. */
export interface Lateness {
  /** Milliseconds, for all. */
  readonly delay: number;
  /** Milliseconds at most that chance adds. */
  readonly jitter: number;
}

interface Item {
  /** On the clock of `performance.now`. */
  readonly due: number;
  readonly bytes: number;
  act(): void;
}

/**
 * Does everything late, in the order in which it was added: what chance would let
 * overtake waits for what is before it.
 */
export class LateQueue {
  readonly #lateness: Lateness;
  readonly #timers: Timers;
  readonly #changed: (bytes: number) => void;
  #waiting: Item[] = [];
  #next = 0;
  #bytes = 0;
  #lastDue = 0;
  #isScheduled = false;

  /**
   * Makes an empty queue.
   *
   * @param lateness how late
   * @param timers runs the queue; what still waits when they end is never done
   * @param changed told how many bytes more, or with a minus sign fewer, are held
   */
  constructor(
    lateness: Lateness,
    timers: Timers,
    changed: (bytes: number) => void,
  ) {
    this.#lateness = lateness;
    this.#timers = timers;
    this.#changed = changed;
  }

  /** Bytes of memory that what waits takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds an item.
   *
   * @param act what to do
   * @param bytes that it holds until then
   */
  add(act: () => void, bytes: number): void {
    const { delay, jitter } = this.#lateness;
    const due = performance.now() + delay + Math.random() * jitter;
    this.#lastDue = Math.max(this.#lastDue, due);
    const held = bytes + ITEM_BYTES;
    this.#waiting.push({ due: this.#lastDue, bytes: held, act });
    this.#hold(held);
    this.#schedule();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#hold(-this.#bytes);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#changed(bytes);
  }

  /** One timer, however many wait. */
  #schedule(): void {
    const item = this.#waiting[this.#next];
    if (item === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    const ms = Math.max(0, Math.ceil(item.due - performance.now()));
    this.#timers.after(ms, () => this.#run());
  }

  /** Does what is due, for a slice of time; then the other connections go first. */
  #run(): void {
    const now = performance.now();
    for (let count = 1;; count++) {
      const item = this.#waiting[this.#next];
      if (item === undefined || item.due > now) break;
      this.#next++;
      this.#hold(-item.bytes);
      item.act();
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
    if (this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
