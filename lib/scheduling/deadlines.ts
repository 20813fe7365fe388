/**
 * Time limits of one length for many: one timer, however many wait.
 *
 * @module
 */

import { ChurnMap } from "../runtime/churn_map.ts";

/** Calls back for whatever was added and not taken off within the time. */
export class Deadlines<T> {
  readonly #timeout: number;
  readonly #expired: (item: T) => void;
  /** In the order of their ends, as all have the same time. */
  readonly #ends = new ChurnMap<T, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes an empty list.
   *
   * @param timeout milliseconds that everybody has
   * @param expired called once for each that is late, which is then off the list
   */
  constructor(timeout: number, expired: (item: T) => void) {
    this.#timeout = timeout;
    this.#expired = expired;
  }

  /**
   * Starts the time of an item; nothing happens to one that is on the list.
   *
   * @param item anything
   */
  add(item: T): void {
    if (this.#ends.has(item)) return;
    this.#ends.set(item, performance.now() + this.#timeout);
    this.#timer ??= setTimeout(() => this.#expire(), this.#timeout);
  }

  /**
   * Takes an item off.
   *
   * @param item one that may have been added
   * @returns whether it was on the list
   */
  delete(item: T): boolean {
    return this.#ends.delete(item);
  }

  /** Takes everything off, and stops the timer. */
  clear(): void {
    this.#ends.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [item, end] of this.#ends) {
      if (end > now) {
        // A callback may have set one.
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#expire(), end - now);
        return;
      }
      this.#ends.delete(item);
      this.#expired(item);
    }
  }
}
