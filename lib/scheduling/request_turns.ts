/**
 * Turns of requests. The runtime polls for input once in 61 rounds while requests go on
 * to arrive: clients that pipelined them made all others wait for seconds. So only a few
 * are answered between two polls; the others are answered in slices of time.
 *
 * The first ones do not wait, since the runtime drops the request of a client that ends
 * its side of the connection meanwhile.
 *
 * @module
 */

import { afterInputPoll } from "./scheduler.ts";

/** Requests that are answered at once between two polls for input. */
const AT_ONCE = 16;

/** Counts the requests of one listener. */
export class RequestTurns {
  #answered = 0;

  /**
   * Takes a turn.
   *
   * @returns false: all are taken, and the response has to wait for a slice
   */
  take(): boolean {
    if (this.#answered === AT_ONCE) return false;
    if (++this.#answered === AT_ONCE) {
      afterInputPoll(() => this.#answered = 0);
    }
    return true;
  }
}
