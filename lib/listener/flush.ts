/**
 * The promise that everything sent on a connection is with the operating system.
 *
 * @module
 */

import { ConnectionClosedError } from "../protocol/errors.ts";

/**
 * Ends a flush.
 *
 * @param isWritten false if the connection has ended before
 */
export type SettleFlush = (isWritten: boolean) => void;

/**
 * Makes the promise of a flush. A rejection that no code waits for does not end the
 * process.
 *
 * @param start starts the flush; calls its argument once, now or later
 * @returns rejects with {@linkcode ConnectionClosedError}
 */
export function flush(start: (settle: SettleFlush) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  start((isWritten) => {
    if (isWritten) resolve();
    else reject(new ConnectionClosedError("the connection has ended"));
  });
  return promise;
}
