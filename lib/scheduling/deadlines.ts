/**
 * Timeouts of equal length for many items, with one timer.
 *
 * @module
 */

import { ChurnMap } from "../runtime/churn_map.ts";

/** Calls back for each item that is not deleted within the timeout. */
export class Deadlines<T> {
  readonly #timeout: number;
  readonly #expired: (item: T) => void;
  /** Ends by item; the order of insertion is the order of the ends. */
  readonly #ends = new ChurnMap<T, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes an empty list.
   *
   * @param timeout milliseconds of each item
   * @param expired called once for each item whose timeout has passed, after its deletion
   */
  constructor(timeout: number, expired: (item: T) => void) {
    this.#timeout = timeout;
    this.#expired = expired;
  }

  /** Starts the timeout of an item; does nothing if it is in the list. */
  add(item: T): void {
    if (this.#ends.has(item)) return;
    this.#ends.set(item, performance.now() + this.#timeout);
    this.#timer ??= setTimeout(() => this.#expire(), this.#timeout);
  }

  /**
   * Deletes an item.
   *
   * @returns whether it was in the list
   */
  delete(item: T): boolean {
    return this.#ends.delete(item);
  }

  /** Ends the timeout of every item now. */
  expireAll(): void {
    for (const [item] of this.#ends) {
      this.#ends.delete(item);
      this.#expired(item);
    }
  }

  /** Deletes all items, and stops the timer. */
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
        // A callback may have set the timer.
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#expire(), end - now);
        return;
      }
      this.#ends.delete(item);
      this.#expired(item);
    }
  }
}
