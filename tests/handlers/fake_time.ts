/**
 * A clock and timers that a test controls.
 *
 * @module
 */

interface FakeTimer {
  due: number;
  readonly interval: number | undefined;
  readonly callback: () => void;
}

/** Replaces the timers and `performance.now` until it is disposed. */
export class FakeTime implements Disposable {
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    clearTimeout: globalThis.clearTimeout,
    clearInterval: globalThis.clearInterval,
    now: performance.now,
  };
  readonly #timers = new Map<number, FakeTimer>();
  #serial = 0;
  #now = 1000;

  constructor() {
    const start = (
      callback: () => void,
      ms: number,
      interval: number | undefined,
    ) => {
      const due = this.#now + ms;
      this.#timers.set(++this.#serial, { due, interval, callback });
      return this.#serial;
    };
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms: number) =>
        start(callback, ms, undefined),
      setInterval: (callback: () => void, ms: number) =>
        start(callback, ms, ms),
      clearTimeout: (id: number) => void this.#timers.delete(id),
      clearInterval: (id: number) => void this.#timers.delete(id),
    });
    performance.now = () => this.#now;
  }

  /** Number of running timers. */
  get timers(): number {
    return this.#timers.size;
  }

  /**
   * Advances the clock and calls each timer that is due.
   *
   * @param ms milliseconds
   */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next[1].due > end) break;
      const [id, timer] = next;
      this.#now = Math.max(this.#now, timer.due);
      if (timer.interval === undefined) this.#timers.delete(id);
      else timer.due += timer.interval;
      timer.callback();
    }
    this.#now = end;
  }

  #next(): [number, FakeTimer] | undefined {
    return [...this.#timers].reduce<[number, FakeTimer] | undefined>(
      (first, entry) =>
        first === undefined || entry[1].due < first[1].due ? entry : first,
      undefined,
    );
  }

  /** Restores the timers and the clock. */
  [Symbol.dispose](): void {
    const { now, ...timers } = this.#real;
    Object.assign(globalThis, timers);
    performance.now = now;
  }
}
