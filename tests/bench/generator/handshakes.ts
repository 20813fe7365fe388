/**
 * Measures handshakes, several at a time; each connection is reset once it is open.
 *
 * @module
 */

import { Handshake, type Target } from "./handshake.ts";
import {
  connect,
  EPOLLIN,
  EPOLLOUT,
  Pinned,
  Poll,
  receive,
  reset,
  send,
} from "./libc.ts";

/** The result. */
export interface Handshakes {
  /** Handshakes with a valid response. */
  readonly count: number;
  /** Seconds of the measurement. */
  readonly seconds: number;
}

/** Milliseconds without an event until the measurement fails. */
const TIME_LIMIT = 10_000;

const input = new Pinned(new Uint8Array(8192));

/**
 * Measures handshakes.
 *
 * @param target the server
 * @param concurrency handshakes at a time
 * @param seconds duration
 */
export function handshakes(
  target: Target,
  concurrency: number,
  seconds: number,
): Handshakes {
  const handshake = new Handshake(target);
  const request = handshake.bytes;
  using poll = new Poll();
  const fds: number[] = [];
  const begin = (i: number) => {
    fds[i] = connect(target.port, false);
    poll.add(fds[i]!, i, EPOLLOUT);
  };
  for (let i = 0; i < concurrency; i++) begin(i);
  const start = performance.now();
  const end = start + seconds * 1000;
  let now = start;
  let done = 0;
  try {
    while (now < end) {
      const count = poll.wait(TIME_LIMIT);
      if (count === 0) throw new Error("no handshake is answered any more");
      for (let k = 0; k < count; k++) {
        const i = poll.name(k);
        const fd = fds[i]!;
        if (poll.events(k) === EPOLLOUT) {
          send(fd, request, 0, request.bytes.length);
          poll.change(fd, i, EPOLLIN);
          continue;
        }
        const length = receive(fd, input);
        if (length <= 0) throw new Error("the server refused a connection");
        if (!handshake.isAnsweredBy(input.bytes.subarray(0, length))) {
          throw new Error("the answer came in pieces");
        }
        reset(fd);
        done++;
        begin(i);
      }
      now = performance.now();
    }
    return { count: done, seconds: (now - start) / 1000 };
  } finally {
    fds.forEach(reset);
  }
}
