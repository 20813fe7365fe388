/**
 * Open loop: messages leave at times that are set beforehand, whether the ones
 * before have come back or not, and each one's time counts from when it was to
 * leave. So a server that stalls does not get a rest, and no stall is left out.
 *
 * @module
 */

import { readEcho } from "./echo.ts";
import { openAll, type Target } from "./handshake.ts";
import { EPOLLIN, Poll, reset, send } from "./libc.ts";
import type { Streams } from "./streams.ts";

/** What came of it; times in milliseconds. */
export interface Latency {
  /** Messages a second that were sent. */
  readonly rate: number;
  /** Messages that were measured. */
  readonly count: number;
  /** The same, those of the warm-up included. */
  readonly total: number;
  /** The time that half of them took at most. */
  readonly p50: number;
  /** The same of 99 in a hundred. */
  readonly p99: number;
}

/** Messages of a connection that may be under way; more is no latency, but a queue. */
const MAX_IN_FLIGHT = 4096;

/** Share of the messages that nothing is measured of. */
const WARM_UP = 0.2;

/** Milliseconds that the last ones have. */
const PATIENCE = 10_000;

/**
 * Loads a server at a rate.
 *
 * @param target the server
 * @param streams what to send, and what has to come back
 * @param connections how many, in turn
 * @param rate messages a second, over all of them
 * @param seconds how long, the warm-up included
 */
export function latency(
  target: Target,
  streams: Streams,
  connections: number,
  rate: number,
  seconds: number,
): Latency {
  const fds = openAll(target, connections);
  using poll = new Poll();
  try {
    fds.forEach((fd, i) => poll.add(fd, i, EPOLLIN));
    const times = measure(fds, streams, poll, rate, Math.ceil(rate * seconds));
    const measured = times.subarray(Math.floor(times.length * WARM_UP)).sort();
    const rank = (share: number) =>
      measured[Math.ceil(share * measured.length) - 1]!;
    return {
      rate,
      count: measured.length,
      total: times.length,
      p50: rank(0.5),
      p99: rank(0.99),
    };
  } finally {
    fds.forEach(reset);
  }
}

/** The time of each message, in the order in which they were to leave. */
function measure(
  fds: readonly number[],
  streams: Streams,
  poll: Poll,
  rate: number,
  total: number,
): Float64Array {
  const times = new Float64Array(total);
  const received = new Float64Array(fds.length);
  const interval = 1000 / rate;
  const start = performance.now();
  let sent = 0;
  let back = 0;
  while (back < total) {
    const now = performance.now();
    while (sent < total && start + sent * interval <= now) {
      sendOne(fds, streams, received, sent++);
    }
    if (now - start > total * interval + PATIENCE) {
      throw new Error(`${total - back} of ${total} messages did not come back`);
    }
    const count = poll.wait(0);
    for (let k = 0; k < count; k++) {
      const i = poll.name(k);
      const before = Math.floor(received[i]! / streams.receivedSize);
      received[i]! += readEcho(fds[i]!, streams, received[i]!);
      const after = Math.floor(received[i]! / streams.receivedSize);
      const arrived = performance.now();
      for (let n = before; n < after; n++) {
        const message = n * fds.length + i;
        times[message] = arrived - (start + message * interval);
      }
      back += after - before;
    }
  }
  return times;
}

/** Sends a message on the connection whose turn it is. */
function sendOne(
  fds: readonly number[],
  streams: Streams,
  received: Float64Array,
  message: number,
): void {
  const i = message % fds.length;
  const number = (message - i) / fds.length;
  if (number - received[i]! / streams.receivedSize > MAX_IN_FLIGHT) {
    throw new Error("the server does not keep up");
  }
  const { sent, sentSize, sentCycle } = streams;
  const at = (number * sentSize) % sentCycle;
  if (send(fds[i]!, sent, at, sentSize) !== sentSize) {
    throw new Error("the server does not read");
  }
}
