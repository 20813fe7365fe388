/**
 * Peers that reset the connection before they are answered. The runtime would
 * upgrade them all the same, tell nobody how that ended, and never close their
 * files. So it is asked right before an upgrade who is still there.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Milliseconds for which it is looked more thoroughly after somebody has gone. */
const WARY = 1000;

/** Who has gone between the request and its upgrade. */
export class Departures {
  #last = -Infinity;

  /**
   * Waits until the runtime has had the chance to notice, and asks it.
   *
   * @param request is about to be upgraded
   * @returns whether its peer has reset the connection
   */
  async isGone(request: Request): Promise<boolean> {
    // It tells only what happens once it exists.
    const { signal } = request;
    const isWary = performance.now() - this.#last < WARY;
    await new Promise<void>((resolve) => {
      // Where there is much to do, the runtime looks for what has arrived once in
      // some rounds of its event loop, but always while it waits for a timer.
      if (isWary) setTimeout(resolve, 0);
      else setImmediate(resolve);
    });
    if (signal.aborted) this.#last = performance.now();
    return signal.aborted;
  }
}
