/**
 * The shutdown of the service, which loses no message that has arrived.
 *
 * @module
 */

import type { Service } from "../listener/service.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { afterInputPoll } from "../scheduling/scheduler.ts";
import { wait } from "../scheduling/wait.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Stoppable } from "../stoppable.ts";

/**
 * Shuts a service down: it stops accepting, handles what it has received, drains the
 * work queue, closes every connection with 1001 and waits for the answers. After the
 * timeout it ends all connections and requests.
 *
 * @param service the service
 * @param listeners its listeners and other parts to stop
 * @param timeout maximum duration in milliseconds
 * @param onTimeout called after the timeout, before the rest is ended
 * @param close sends every connection a CLOSE, all at once or one after the other
 * @returns whether everything ended in time
 */
export async function shutdown(
  service: Service,
  listeners: readonly Stoppable[],
  timeout: number,
  onTimeout: () => void = () => {},
  close: () => Promise<void> = () => closeAtOnce(service),
): Promise<boolean> {
  service.draining = true;
  const { sessions, workQueue } = service;
  const stopped = Promise.allSettled(
    listeners.map((listener) => listener.shutdown()),
  );
  const timeoutOver = new AbortController();
  const closed = async () => {
    await inputHandled(sessions, timeoutOver.signal);
    await workQueue.drained();
    await close();
    await Promise.all([sessions.emptied(), stopped]);
    return true;
  };
  const timedOut = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timedOut.resolve(false), timeout);
  const inTime = await Promise.race([closed(), timedOut.promise]);
  clearTimeout(timer);
  if (inTime) return true;
  timeoutOver.abort();
  onTimeout();
  await destroy(listeners, stopped);
  return false;
}

function closeAtOnce({ sessions }: Service): Promise<void> {
  sessions.closeAll(CLOSE_CODE.goingAway, "the server is shutting down");
  return Promise.resolve();
}

/** Milliseconds until the sockets of destroyed listeners are closed. */
const DESTROY_TIMEOUT = 500;

async function destroy(
  listeners: readonly Stoppable[],
  stopped: Promise<unknown>,
): Promise<void> {
  for (const listener of listeners) listener.destroy?.();
  const tooLate = Promise.withResolvers<void>();
  const timer = setTimeout(tooLate.resolve, DESTROY_TIMEOUT);
  await Promise.race([stopped, tooLate.promise]);
  clearTimeout(timer);
}

/** Milliseconds: long enough for a poll for input on a busy machine. */
const POLL_INTERVAL = 20;

/** Half a second: a client that continues sending does not delay the shutdown further. */
const MAX_POLLS = 25;

/**
 * Polls for input after an interval: data that has arrived is read after the first, and
 * reads that follow from it after the second.
 */
const POLLED_TURNS = 2;

/**
 * Waits for the data that the operating system had received before the shutdown:
 * resolves after an interval without activity on any connection of the service, or
 * after the timeout.
 */
async function inputHandled(
  sessions: Sessions,
  timeoutOver: AbortSignal,
): Promise<void> {
  if (sessions.size === 0) return;
  let before = latestActivityOf(sessions);
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    if (!await wait(POLL_INTERVAL, [timeoutOver])) return;
    // If the system has stopped the process meanwhile, the timer is due before any read.
    for (let turn = 0; turn < POLLED_TURNS; turn++) {
      await new Promise<void>(afterInputPoll);
    }
    const latest = latestActivityOf(sessions);
    if (latest === before) return;
    before = latest;
  }
}

function latestActivityOf(sessions: Sessions): number {
  let latest = 0;
  for (const { lastActivity } of sessions.list()) {
    if (lastActivity > latest) latest = lastActivity;
  }
  return latest;
}
