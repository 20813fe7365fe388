/**
 * The way down: nothing that was accepted is lost.
 *
 * @module
 */

import { CLOSE_CODE } from "./close_code.ts";
import type { Service } from "./service.ts";

/** Something that accepts connections. */
export interface Listener {
  /** Stops accepting; resolves when what it answers is answered. */
  shutdown(): Promise<void>;
}

/**
 * Stops a service: no new connections; what was received is handled and the
 * work queue runs empty; then everybody is closed with 1001 and waited for.
 *
 * @param service its draining flag, sessions and work queue
 * @param listeners where it accepts connections
 * @param timeout milliseconds to wait at most
 * @returns whether everybody left in time
 */
export async function shutdown(
  service: Service,
  listeners: readonly Listener[],
  timeout: number,
): Promise<boolean> {
  service.draining = true;
  const { sessions, workQueue } = service;
  const stopped = Promise.allSettled(
    listeners.map((listener) => listener.shutdown()),
  );
  const goodbye = async () => {
    await turnOfEventLoop();
    await workQueue.drained();
    sessions.closeAll(CLOSE_CODE.goingAway, "the server is shutting down");
    await Promise.all([sessions.emptied(), stopped]);
    return true;
  };
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeout);
  try {
    return await Promise.race([goodbye(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Lets the sockets deliver what the operating system had received before the
 * signal. A timer is due after a poll for input, and one poll may leave a
 * socket's second read to the next, hence a few milliseconds.
 */
function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
