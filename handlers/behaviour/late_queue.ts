/**
 * What is done late, and still in order.
 *
 * @module
 */

import type { Timers } from "./timers.ts";

/** Bytes that a waiting item takes beside what it holds, roughly. */
const ITEM_BYTES = 128;

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
   */
  constructor(lateness: Lateness, timers: Timers) {
    this.#lateness = lateness;
    this.#timers = timers;
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
    this.#waiting.push({
      due: this.#lastDue,
      bytes: bytes + ITEM_BYTES,
      act,
    });
    this.#bytes += bytes + ITEM_BYTES;
    this.#schedule();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#bytes = 0;
  }

  /** One timer, however many wait. */
  #schedule(): void {
    const item = this.#waiting[this.#next];
    if (item === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    const ms = Math.max(0, Math.ceil(item.due - performance.now()));
    this.#timers.after(ms, () => {
      this.#isScheduled = false;
      this.#run();
      this.#schedule();
    });
  }

  #run(): void {
    const now = performance.now();
    for (;;) {
      const item = this.#waiting[this.#next];
      if (item === undefined || item.due > now) break;
      this.#next++;
      this.#bytes -= item.bytes;
      item.act();
    }
    this.#forgetRun();
  }

  /** Lets go of what is done, once it is half of the array. */
  #forgetRun(): void {
    if (this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
