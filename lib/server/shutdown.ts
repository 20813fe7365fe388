/**
 * The way down: nothing that was accepted is lost.
 *
 * @module
 */

import { CLOSE_CODE } from "../protocol/close_code.ts";
import { latestActivity } from "../scheduling/activity.ts";
import type { Service } from "../listener/service.ts";
import type { Stoppable } from "../stoppable.ts";

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
  listeners: readonly Stoppable[],
  timeout: number,
): Promise<boolean> {
  service.draining = true;
  const { sessions, workQueue } = service;
  const stopped = Promise.allSettled(
    listeners.map((listener) => listener.shutdown()),
  );
  const goodbye = async () => {
    await quiet();
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

/** Milliseconds: a timer is due after a poll for input, and a busy machine takes its time. */
const TURN = 20;

/** A peer that goes on sending is not waited for longer than half a second. */
const MAX_TURNS = 25;

/**
 * Lets the sockets deliver what the operating system had received before the
 * signal: resolves after a turn in which nothing was heard of anybody.
 */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const before = latestActivity();
    await new Promise((resolve) => setTimeout(resolve, TURN));
    if (latestActivity() === before) return;
  }
}
