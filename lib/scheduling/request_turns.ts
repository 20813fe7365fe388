/**
 * Turns of requests. The runtime polls for input once in 61 rounds while requests go on
 * to arrive, and clients that pipeline them would make all others wait. So requests are
 * answered at once for a limited time between two polls; then in slices of time.
 *
 * The first ones do not wait, since the runtime drops the request of a client that ends
 * its side of the connection meanwhile (seen in Deno 2.9.6).
 *
 * @module
 */

import { afterInputPoll } from "./scheduler.ts";

/** Requests between two polls for input that are answered at once in any case. */
const AT_ONCE = 16;

/** Milliseconds after these in which further requests are. */
const TURN = 4;

/** Counts the requests of one listener. */
export class RequestTurns {
  #answered = 0;
  #end = 0;

  /**
   * Takes a turn.
   *
   * @param now `performance.now()`
   * @returns false: the response has to wait for a slice
   */
  take(now: number): boolean {
    if (this.#answered === AT_ONCE) return now < this.#end;
    if (++this.#answered === AT_ONCE) {
      this.#end = now + TURN;
      afterInputPoll(() => this.#answered = 0);
    }
    return true;
  }
}
