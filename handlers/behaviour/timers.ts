/**
 * The timers of one connection, which end with it.
 *
 * @module
 */

/** Timers that end together. */
export class Timers {
  readonly #running = new Set<ReturnType<typeof setTimeout>>();
  #ended = false;

  /**
   * Calls once.
   *
   * @param ms milliseconds until then
   * @param callback what to call
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
   * Calls again and again, with 1, 2, 3 and so on.
   *
   * @param ms milliseconds between the calls, and before the first
   * @param callback what to call
   */
  every(ms: number, callback: (count: number) => void): void {
    if (this.#ended) return;
    let count = 0;
    this.#running.add(setInterval(() => callback(++count), ms));
  }

  /** Ends them all; none is started any more. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
