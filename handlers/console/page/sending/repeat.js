/**
 * Sends a message several times at an interval.
 *
 * @module
 */

/** Bytes in the browser's send buffer at which sending pauses. */
const BUFFER_LIMIT = 2 ** 20;

/** Milliseconds of sending without a pause, so that the page stays responsive. */
const TIME_SLICE = 8;

/**
 * Computes the number of messages that are due. Timers of a browser fire late and
 * at most every 4 ms, so the clock decides.
 *
 * @param {number} elapsed milliseconds since the first message
 * @param {number} interval milliseconds; 0: all messages are due
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
 * @property {() => void} send sends one message
 * @property {() => number} buffered bytes in the browser's send buffer
 * @property {(sent: number) => void} progress messages sent so far
 */

/**
 * Sends all messages of a task, or stops when the signal is aborted.
 *
 * @param {Task} task
 * @param {AbortSignal} signal
 * @returns {Promise<number>} messages sent
 */
export async function repeat(
  { times, interval, send, buffered, progress },
  signal,
) {
  const start = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const sliceEnd = performance.now() + TIME_SLICE;
    const goal = due(performance.now() - start, interval, times);
    while (
      sent < goal && buffered() < BUFFER_LIMIT && performance.now() < sliceEnd
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
