/**
 * The end of a step that takes time.
 *
 * @module
 */

/**
 * A promise whose callbacks run at once when it is settled, so that the end of a step
 * and the next step are one event.
 */
export class Completion implements PromiseLike<void> {
  readonly #callbacks: (() => void)[] = [];
  #isDone = false;

  /** Whether the step has ended. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Ends the step; further calls do nothing. */
  done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    for (const callback of this.#callbacks.splice(0)) callback();
  }

  /**
   * Calls a function at the end of the step.
   *
   * @param onDone called at once if the step has ended
   */
  then<R = void, E = never>(
    onDone?: ((value: void) => R | PromiseLike<R>) | null,
    _onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): PromiseLike<R | E> {
    const { promise, resolve, reject } = Promise.withResolvers<R | E>();
    const call = () => {
      try {
        resolve(onDone?.() as R);
      } catch (error) {
        reject(error);
      }
    };
    if (this.#isDone) call();
    else this.#callbacks.push(call);
    return promise;
  }
}
