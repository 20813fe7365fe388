/**
 * A queue of events for tests that wait for the next one.
 *
 * @module
 */

import { within } from "./within.ts";

/** Items in the order of their arrival, until a test takes them. */
export class Inbox<T> {
  readonly #what: string;
  readonly #arrived: T[] = [];
  readonly #waiting: PromiseWithResolvers<T>[] = [];
  #end: unknown;

  /**
   * Makes an empty queue.
   *
   * @param what names an item in error messages
   */
  constructor(what: string) {
    this.#what = what;
  }

  /** Adds an item. */
  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#arrived.push(item);
    else waiter.resolve(item);
  }

  /** Ends the queue: pending and later calls of `next` reject with the reason. */
  end(reason: unknown): void {
    this.#end = reason;
    for (const waiter of this.#waiting.splice(0)) {
      waiter.reject(this.#ended());
    }
  }

  /** Takes the next item, or waits for it. */
  next(): Promise<T> {
    if (this.#arrived.length > 0) {
      return Promise.resolve(this.#arrived.shift()!);
    }
    if (this.#end !== undefined) return Promise.reject(this.#ended());
    const waiter = Promise.withResolvers<T>();
    this.#waiting.push(waiter);
    return within(waiter.promise, this.#what);
  }

  #ended(): Error {
    return new Error(
      `the connection ended before ${this.#what}: ${JSON.stringify(this.#end)}`,
    );
  }
}
