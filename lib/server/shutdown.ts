/**
 * The shutdown of the service, which loses no message that has arrived.
 *
 * @module
 */

import type { Service } from "../listener/service.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { latestActivity } from "../scheduling/activity.ts";
import type { Stoppable } from "../stoppable.ts";

/**
 * Shuts a service down: it stops accepting, handles what it has received, drains the
 * work queue, closes every connection with 1001 and waits for the answers.
 *
 * @param service the service
 * @param listeners its listeners and other parts to stop
 * @param timeout maximum duration in milliseconds
 * @returns whether everything ended in time
 */
export async function shutdown(
  service: Service,
  listeners: readonly Stoppable[],
  timeout: number,
): Promise<boolean> {
  service.draining = true;
  const { sessions, workQueue } = service;
  const stopped = Promise.allSettled(
    listeners.map((listener) => listener.shutdown()),
  );
  const closed = async () => {
    await inputHandled();
    await workQueue.drained();
    sessions.closeAll(CLOSE_CODE.goingAway, "the server is shutting down");
    await Promise.all([sessions.emptied(), stopped]);
    return true;
  };
  const timedOut = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timedOut.resolve(false), timeout);
  try {
    return await Promise.race([closed(), timedOut.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds: long enough for a poll for input on a busy machine. */
const POLL_INTERVAL = 20;

/** Half a second: a client that goes on sending does not delay the shutdown further. */
const MAX_POLLS = 25;

/**
 * Waits for the data that the operating system had received before the shutdown:
 * resolves after an interval without activity on any connection.
 */
async function inputHandled(): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const before = latestActivity();
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
    if (latestActivity() === before) return;
  }
}
