/**
 * A lock for what threads share and look at together, for a moment each.
 *
 * @module
 */

/** Attempts before a thread lets others have the core: a lock is held for less. */
const ATTEMPTS = 100;

/** Milliseconds until a lock is looked at again whose release was not noticed. */
const LOOK = 1;

/** A lock in one number of an array. */
export class Lock {
  readonly #cells: Int32Array<ArrayBufferLike>;
  readonly #index: number;

  /**
   * Takes a number that is 0 while nobody has the lock.
   *
   * @param cells shared with those that the lock is for
   * @param index where the number is
   */
  constructor(cells: Int32Array<ArrayBufferLike>, index: number) {
    this.#cells = cells;
    this.#index = index;
  }

  /**
   * Runs a few instructions while no other thread does.
   *
   * @param work must not use the lock itself
   * @returns what the work returns
   */
  hold<T>(work: () => T): T {
    for (let attempt = 1; !this.#take(); attempt++) {
      if (attempt % ATTEMPTS > 0) continue;
      Atomics.wait(this.#cells as Int32Array, this.#index, 1, LOOK);
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
