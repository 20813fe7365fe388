/**
 * Reads what comes back and compares it with what was sent.
 *
 * @module
 */

import { isSame, Pinned, receive } from "./libc.ts";
import { READ_SIZE, type Streams } from "./streams.ts";

const input = new Pinned(new Uint8Array(READ_SIZE));

/**
 * Reads once.
 *
 * @param fd the connection
 * @param streams what has to come back
 * @param before bytes that have come back before
 * @returns bytes that came back now
 * @throws {Error} when others came, or the end
 */
export function readEcho(fd: number, streams: Streams, before: number): number {
  const count = receive(fd, input);
  if (count <= 0) throw new Error("the server ended a connection");
  const { received, receivedCycle } = streams;
  if (!isSame(input, received, before % receivedCycle, count)) {
    throw new Error("something else came back than was sent");
  }
  return count;
}
