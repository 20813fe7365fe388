/**
 * Sends a number of times at an interval.
 *
 * @module
 */

/** Bytes that may wait in the browser before sending pauses. */
const BUFFER_LIMIT = 2 ** 20;

/** Milliseconds of sending at a stretch, so that the page stays alive. */
const STRETCH = 8;

/**
 * How many of the messages are due. Timers of a browser fire late and no more
 * often than every 4 ms, so what is due is counted by the clock.
 *
 * @param {number} elapsed milliseconds since the first one
 * @param {number} interval milliseconds; 0: all at once
 * @param {number} times
 * @returns {number}
 */
export function due(elapsed, interval, times) {
  if (interval === 0) return times;
  return Math.min(times, Math.floor(elapsed / interval) + 1);
}

/**
 * @typedef {object} Task
 * @property {number} times
 * @property {number} interval milliseconds
 * @property {() => void} send sends one
 * @property {() => number} buffered bytes that wait in the browser
 * @property {(sent: number) => void} progress
 */

/**
 * Runs a task to its end, or until it is stopped.
 *
 * @param {Task} task
 * @param {AbortSignal} signal
 * @returns {Promise<number>} how many were sent
 */
export async function repeat(
  { times, interval, send, buffered, progress },
  signal,
) {
  const start = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const stretch = performance.now() + STRETCH;
    const goal = due(performance.now() - start, interval, times);
    while (
      sent < goal && buffered() < BUFFER_LIMIT && performance.now() < stretch
    ) {
      send();
      sent++;
    }
    progress(sent);
    if (sent === times) break;
    await pause(interval);
  }
  return sent;
}

/** @param {number} interval */
function pause(interval) {
  return new Promise((resolve) => setTimeout(resolve, Math.min(interval, 50)));
}
