/**
 * Answers that take their time: delays, event streams, bodies that trickle in.
 *
 * @module
 */

import type { Listener } from "./shutdown.ts";

/** A place among the long answers; given back when it is disposed of. */
export type Place = Disposable;

/**
 * Bounds how many there are at a time, and lets a shutdown end them instead of
 * waiting for them.
 */
export class LongAnswers implements Listener {
  readonly #limit: number;
  readonly #stop = new AbortController();
  #taken = 0;

  /**
   * Starts with every place free.
   *
   * @param limit how many there may be at a time
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Aborted when everybody has to come to an end. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Places that are taken. */
  get size(): number {
    return this.#taken;
  }

  /**
   * Takes a place.
   *
   * @returns `undefined` when there is none, or when the service is stopping
   */
  begin(): Place | undefined {
    if (this.#taken >= this.#limit || this.stopping.aborted) return undefined;
    this.#taken++;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#taken--;
        isTaken = false;
      },
    };
  }

  /** Ends what is under way; resolves at once. */
  shutdown(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}
