/**
 * Listens on a port that a listener of this process has just closed. The runtime
 * closes the port some turns of its event loop later (seen in Deno 2.9.6).
 *
 * @module
 */

import { getLogger } from "../std/log.ts";

/** Milliseconds between attempts at first. */
const DELAY = 1;

/** Attempts after which each failure is logged and the delay is longer. */
const MANY = 500;

/** Milliseconds between later attempts. */
const LONG_DELAY = 1000;

/**
 * Tries to listen until that succeeds.
 *
 * @param listen throws while the port is in use
 * @param isWanted called after each failed attempt; false ends the attempts
 * @returns the result of `listen`; `undefined` where the attempts were ended
 */
export async function listenAgain<T>(
  listen: () => T,
  isWanted: () => boolean,
): Promise<T | undefined> {
  for (let attempt = 1;; attempt++) {
    try {
      return listen();
    } catch (error) {
      if (!isWanted()) return undefined;
      if (attempt >= MANY) {
        getLogger("httpd").error("Cannot reopen the port:", error);
      }
    }
    const delay = attempt < MANY ? DELAY : LONG_DELAY;
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}
