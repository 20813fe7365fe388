/**
 * Latency with an open loop: messages are sent at scheduled times, whether earlier
 * ones have come back or not. The time of a message counts from its scheduled time,
 * so that a stall of the server counts for every message that it delays.
 *
 * @module
 */

import { readEcho } from "./echo.ts";
import { openAll, type Target } from "./handshake.ts";
import { EPOLLIN, Poll, reset, send } from "./libc.ts";
import type { Streams } from "./streams.ts";

/** The result; times in milliseconds. */
export interface Latency {
  /** Messages sent per second. */
  readonly rate: number;
  /** Measured messages. */
  readonly count: number;
  /** All messages, those of the warm-up included. */
  readonly total: number;
  /** The median time. */
  readonly p50: number;
  /** The 99th percentile. */
  readonly p99: number;
}

/** Messages in flight per connection; with more, the server does not keep up. */
const MAX_IN_FLIGHT = 4096;

/** Share of the messages before the measurement. */
const WARM_UP = 0.2;

/** Milliseconds until the last message must have come back. */
const TIME_LIMIT = 10_000;

/**
 * Measures latency at a rate.
 *
 * @param target the server
 * @param streams the messages and their echoes
 * @param connections number of connections, used in turn
 * @param rate messages per second over all connections
 * @param seconds duration, the warm-up included
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

/** The time of each message, in the order of their scheduled times. */
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
    if (now - start > total * interval + TIME_LIMIT) {
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

/** Sends a message on the next connection. */
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
