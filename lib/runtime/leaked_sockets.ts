/**
 * Sockets that the runtime keeps after their end.
 *
 * A client that is closed while it reads nothing stays connected, with all data
 * sent to it, until it disconnects. No call ends that connection (see
 * hard_close.ts), and no event reports the disconnect. But the runtime then
 * releases its socket object, which the next garbage collection shows. A service
 * without work collects no garbage, so this module triggers collections while
 * there are leaked sockets. Seen in Deno 2.9.6.
 *
 * @module
 */

import { collectGarbage } from "./garbage.ts";

/** Milliseconds until the first collection; the delay doubles each time. */
const MIN_DELAY = 250;

/** The longest delay, in milliseconds. */
const MAX_DELAY = 30_000;

/** The leaked sockets of one listener. */
export class LeakedSockets {
  readonly #registry = new FinalizationRegistry<() => void>((release) => {
    this.#count--;
    release();
  });
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Holds the connection slot and the memory charge of a client until the runtime
   * has released its socket, so that a client that reconnects repeatedly without
   * disconnecting hits its limit before memory runs out.
   *
   * @param socket has ended
   * @param release releases slot and charge; must not refer to the socket
   */
  hold(socket: WebSocket, release: () => void): void {
    this.#registry.register(socket, release);
    this.#count++;
    this.#schedule(MIN_DELAY);
  }

  /** Triggers no further collection. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#count === 0) return;
      collectGarbage();
      this.#schedule(Math.min(2 * delay, MAX_DELAY));
    }, delay);
    Deno.unrefTimer(this.#timer);
  }
}
