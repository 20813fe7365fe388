/**
 * The timers of one connection.
 *
 * @module
 */

/** Timers that end together, with their connection. */
export class Timers {
  readonly #running = new Set<ReturnType<typeof setTimeout>>();
  #ended = false;

  /**
   * Calls a function once.
   *
   * @param ms milliseconds until the call
   * @param callback to call
   */
  after(ms: number, callback: () => void): void {
    if (this.#ended) return;
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      callback();
    }, ms);
    this.#running.add(timer);
  }

  /**
   * Calls a function at an interval, with the number of the call: 1, 2, 3, ….
   *
   * @param ms milliseconds between calls, and before the first
   * @param callback to call
   */
  every(ms: number, callback: (count: number) => void): void {
    if (this.#ended) return;
    let count = 0;
    this.#running.add(setInterval(() => callback(++count), ms));
  }

  /** Ends all timers; later calls of `after` and `every` do nothing. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
