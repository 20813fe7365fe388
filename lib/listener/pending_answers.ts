/**
 * The requests of a listener that are not answered yet. A shutdown whose time is
 * over answers them, as the runtime's own shutdown waits for every handler.
 *
 * @module
 */

import { failedUpgrade, isUpgraded } from "../runtime/upgrade/own_upgrade.ts";

/** Requests whose handler has not answered. */
export class PendingAnswers {
  readonly #ends = new Set<() => void>();

  /**
   * Notes an answer, if it is not there yet.
   *
   * @param request the request
   * @param answer of a handler
   * @returns the answer, or a 503 after {@linkcode PendingAnswers.end}
   */
  watch(
    request: Request,
    answer: Response | Promise<Response>,
  ): Response | Promise<Response> {
    if (!(answer instanceof Promise)) return answer;
    return new Promise((resolve, reject) => {
      const end = () => {
        const response = isUpgraded(request)
          ? failedUpgrade()
          : new Response(null, { status: 503 });
        resolve(response);
      };
      this.#ends.add(end);
      answer.then(resolve, reject).finally(() => this.#ends.delete(end));
    });
  }

  /** Answers all of them with 503. */
  end(): void {
    for (const end of this.#ends) end();
  }
}
