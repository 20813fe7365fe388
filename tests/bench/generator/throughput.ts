/**
 * Throughput with a closed loop: each echo is followed by another message, so that
 * the number of messages in flight is constant.
 *
 * @module
 */

import process from "node:process";
import { readEcho } from "./echo.ts";
import { openAll, type Target } from "./handshake.ts";
import { EPOLLIN, EPOLLOUT, Poll, reset, send } from "./libc.ts";
import type { Streams } from "./streams.ts";

/** The result. */
export interface Throughput {
  /** Correct echoes during the measurement. */
  readonly messages: number;
  /** Correct echoes, those of the warm-up included. */
  readonly total: number;
  /** Seconds of the measurement. */
  readonly seconds: number;
  /** Share of the time that the generator was idle. */
  readonly idle: number;
}

/** Share of the time before the measurement. */
const WARM_UP = 0.25;

/** Milliseconds without an event until the measurement fails. */
const TIME_LIMIT = 10_000;

/** The connections; `sent` and `received` count bytes. */
class Connections {
  readonly #fds: readonly number[];
  readonly #streams: Streams;
  readonly #poll: Poll;
  readonly #toSend: Float64Array;
  readonly #sent: Float64Array;
  readonly #received: Float64Array;
  readonly #isBlocked: Uint8Array;
  /** Echoes so far. */
  messages = 0;

  constructor(fds: readonly number[], streams: Streams, poll: Poll) {
    this.#fds = fds;
    this.#streams = streams;
    this.#poll = poll;
    this.#toSend = new Float64Array(fds.length);
    this.#sent = new Float64Array(fds.length);
    this.#received = new Float64Array(fds.length);
    this.#isBlocked = new Uint8Array(fds.length);
    fds.forEach((fd, i) => poll.add(fd, i, EPOLLIN));
  }

  /** Adds messages to send. */
  push(i: number, messages: number): void {
    this.#toSend[i]! += messages * this.#streams.sentSize;
    this.flush(i);
  }

  flush(i: number): void {
    const { sent, sentCycle } = this.#streams;
    const fd = this.#fds[i]!;
    while (this.#sent[i]! < this.#toSend[i]!) {
      const at = this.#sent[i]! % sentCycle;
      const left = this.#toSend[i]! - this.#sent[i]!;
      const length = Math.min(left, sent.bytes.length - at);
      const count = send(fd, sent, at, length);
      if (count < 0) return this.#block(i, 1);
      this.#sent[i]! += count;
    }
    this.#block(i, 0);
  }

  #block(i: number, isBlocked: number): void {
    if (this.#isBlocked[i] === isBlocked) return;
    this.#isBlocked[i] = isBlocked;
    const events = isBlocked === 1 ? EPOLLIN | EPOLLOUT : EPOLLIN;
    this.#poll.change(this.#fds[i]!, i, events);
  }

  /** Reads once, compares, and sends a message for each echo. */
  pull(i: number): void {
    const { receivedSize } = this.#streams;
    const before = this.#received[i]!;
    const count = readEcho(this.#fds[i]!, this.#streams, before);
    this.#received[i] = before + count;
    const done = Math.floor((before + count) / receivedSize) -
      Math.floor(before / receivedSize);
    if (done === 0) return;
    this.messages += done;
    this.push(i, done);
  }
}

/**
 * Measures throughput.
 *
 * @param target the server
 * @param streams the messages and their echoes
 * @param connections number of connections
 * @param depth messages in flight per connection
 * @param seconds duration, the warm-up included
 */
export function throughput(
  target: Target,
  streams: Streams,
  connections: number,
  depth: number,
  seconds: number,
): Throughput {
  const fds = openAll(target, connections);
  using poll = new Poll();
  try {
    const all = new Connections(fds, streams, poll);
    for (let i = 0; i < connections; i++) all.push(i, depth);
    run(poll, all, seconds * WARM_UP);
    const before = all.messages;
    const { user, system } = process.cpuUsage();
    const elapsed = run(poll, all, seconds * (1 - WARM_UP));
    const used = process.cpuUsage({ user, system });
    return {
      messages: all.messages - before,
      total: all.messages,
      seconds: elapsed / 1000,
      idle: Math.max(1 - (used.user + used.system) / 1000 / elapsed, 0),
    };
  } finally {
    fds.forEach(reset);
  }
}

/** Waits between two reads of the clock, which take time. */
const CLOCK_EVERY = 8;

/** Runs for some seconds; returns the elapsed milliseconds. */
function run(poll: Poll, all: Connections, seconds: number): number {
  const start = performance.now();
  const end = start + seconds * 1000;
  for (let turn = 1;; turn++) {
    const count = poll.wait(TIME_LIMIT);
    if (count === 0) throw new Error("nothing comes back any more");
    for (let k = 0; k < count; k++) {
      const i = poll.name(k);
      const events = poll.events(k);
      if ((events & EPOLLOUT) !== 0) all.flush(i);
      if ((events & ~EPOLLOUT) !== 0) all.pull(i);
    }
    if (turn % CLOCK_EVERY !== 0) continue;
    const now = performance.now();
    if (now >= end) return now - start;
  }
}
