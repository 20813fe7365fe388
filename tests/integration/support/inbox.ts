/**
 * Events turned into a queue, so that none is missed.
 *
 * @module
 */

import { within } from "./within.ts";

/** What arrived and was not taken yet, in order. */
export class Inbox<T> {
  readonly #what: string;
  readonly #arrived: T[] = [];
  readonly #waiting: PromiseWithResolvers<T>[] = [];
  #end: unknown;

  /**
   * Makes an empty queue.
   *
   * @param what names an item in failure messages
   */
  constructor(what: string) {
    this.#what = what;
  }

  /** Puts an item in. */
  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#arrived.push(item);
    else waiter.resolve(item);
  }

  /** Nothing more will come; who waits in vain is told why. */
  end(reason: unknown): void {
    this.#end = reason;
    for (const waiter of this.#waiting.splice(0)) {
      waiter.reject(this.#ended());
    }
  }

  /** The next item, in order. */
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
