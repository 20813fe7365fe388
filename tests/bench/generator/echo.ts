/**
 * Reads echoes and compares them with the sent messages.
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
 * @param streams the expected bytes
 * @param before bytes received before
 * @returns bytes received now
 * @throws {Error} other bytes came, or the connection ended
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
