/**
 * A mutual exclusion lock between threads, for critical sections of a few instructions.
 *
 * @module
 */

/** Attempts to take the lock before the thread sleeps. */
const ATTEMPTS = 100;

/** Milliseconds of sleep at most, in case that the wake-up came before it. */
const MAX_SLEEP = 1;

/** A lock in one cell of an array: 0 is free, 1 is taken. */
export class Lock {
  readonly #cells: Int32Array<ArrayBufferLike>;
  readonly #index: number;

  /**
   * Uses a cell as a lock.
   *
   * @param cells shared between the threads
   */
  constructor(cells: Int32Array<ArrayBufferLike>, index: number) {
    this.#cells = cells;
    this.#index = index;
  }

  /**
   * Runs work while this thread has the lock.
   *
   * @param work must not take the same lock
   * @returns the work's result
   */
  hold<T>(work: () => T): T {
    for (let attempt = 1; !this.#take(); attempt++) {
      if (attempt % ATTEMPTS > 0) continue;
      Atomics.wait(this.#cells as Int32Array, this.#index, 1, MAX_SLEEP);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#cells, this.#index, 0);
      Atomics.notify(this.#cells as Int32Array, this.#index, 1);
    }
  }

  #take(): boolean {
    return Atomics.compareExchange(this.#cells, this.#index, 0, 1) === 0;
  }
}
