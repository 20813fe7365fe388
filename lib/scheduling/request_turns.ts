/**
 * Turns of requests. The runtime polls for input once in 61 rounds while requests go on
 * to arrive, and clients that pipeline them would make all others wait. So between two
 * polls, requests are answered at once for a limited time, then a few of each client; the
 * others in slices of time.
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

/** Further requests of each client, so that few wait for those of a client with many. */
const EACH = 2;

/** Clients that have such requests, at most. */
const MAX_CLIENTS = 16;

/** Counts the requests of one listener. */
export class RequestTurns {
  #answered = 0;
  #end = 0;
  /** Requests of each client after the end of the turn. */
  readonly #late = new Map<string, number>();

  /**
   * Takes a turn.
   *
   * @param now `performance.now()`
   * @param client a name of the client
   * @returns false: the response has to wait for a slice
   */
  take(now: number, client: string): boolean {
    if (this.#answered === AT_ONCE) {
      return now < this.#end || this.#takeLate(client);
    }
    if (++this.#answered === AT_ONCE) {
      this.#end = now + TURN;
      afterInputPoll(() => {
        this.#answered = 0;
        this.#late.clear();
      });
    }
    return true;
  }

  #takeLate(client: string): boolean {
    const late = this.#late.get(client) ?? 0;
    if (late === EACH || late === 0 && this.#late.size === MAX_CLIENTS) {
      return false;
    }
    this.#late.set(client, late + 1);
    return true;
  }
}
