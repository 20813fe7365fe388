/**
 * The requests of a listener that are not answered yet. A shutdown whose time is
 * over answers them, as the runtime's own shutdown waits for every handler.
 *
 * @module
 */

/** Requests whose handler has not answered. */
export class PendingAnswers {
  readonly #ends = new Set<() => void>();

  /**
   * Notes an answer, if it is not there yet.
   *
   * @param answer of a handler
   * @returns the answer, or a 503 after {@linkcode PendingAnswers.end}
   */
  watch(answer: Response | Promise<Response>): Response | Promise<Response> {
    if (!(answer instanceof Promise)) return answer;
    return new Promise((resolve, reject) => {
      const end = () => resolve(new Response(null, { status: 503 }));
      this.#ends.add(end);
      answer.then(resolve, reject).finally(() => this.#ends.delete(end));
    });
  }

  /** Answers all of them with 503. */
  end(): void {
    for (const end of this.#ends) end();
  }
}
