/**
 * A date that a test controls.
 *
 * @module
 */

/** Replaces `Date.now` until it is disposed. */
export class FakeDate implements Disposable {
  readonly #real = Date.now;
  #now = Date.now();

  constructor() {
    Date.now = () => this.#now;
  }

  /**
   * Advances the date.
   *
   * @param ms milliseconds
   */
  pass(ms: number): void {
    this.#now += ms;
  }

  /** Restores the date. */
  [Symbol.dispose](): void {
    Date.now = this.#real;
  }
}
