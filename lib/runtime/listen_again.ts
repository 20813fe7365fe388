/**
 * Listening on a port that has just been given up.
 *
 * @module
 */

import { getLogger } from "@std/log";

/** Milliseconds between attempts: the runtime gives a port up within a turn of its event loop. */
const PAUSE = 1;

/** Attempts from which on it is no matter of milliseconds any more. */
const MANY = 500;

/** Milliseconds between attempts from then on. */
const LONG_PAUSE = 1000;

/**
 * Tries to listen until that works.
 *
 * @param listen throws while the port is not to be had
 * @param goesOn asked after each attempt that failed; false gives up
 * @returns what `listen` returns; `undefined` where it was given up
 */
export async function listenAgain<T>(
  listen: () => T,
  goesOn: () => boolean,
): Promise<T | undefined> {
  for (let attempt = 1;; attempt++) {
    try {
      return listen();
    } catch (error) {
      if (!goesOn()) return undefined;
      if (attempt >= MANY) {
        getLogger("httpd").error("Cannot listen again:", error);
      }
    }
    const pause = attempt < MANY ? PAUSE : LONG_PAUSE;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
