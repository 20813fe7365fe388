/**
 * An honest client of the soak: it sends, checks every byte that comes back and
 * its order, leaves politely, and comes again.
 *
 * @module
 */

import type { WebSocket as WsWebSocket } from "ws-types";
import { Buffer } from "node:buffer";
import { Random } from "../fuzz/random.ts";

/** What all clients have seen. */
export interface Tally {
  connections: number;
  messages: number;
  bytes: number;
  /** What went wrong, in words; the first are enough. */
  readonly errors: string[];
}

/** Payload bytes: many small ones, some large. */
const SIZES = [0, 1, 16, 64, 125, 126, 500, 2000, 65535, 65536, 200_000];

/** Messages in flight. */
const DEPTH = 4;

/** Milliseconds between two rounds of messages. */
const PACE = 1500;

/** Milliseconds that an echo, or a close, may take. */
const PATIENCE = 60_000;

/** One connection's life. */
export interface Visit {
  readonly url: string;
  readonly compressed: boolean;
  /** Rounds of messages until it leaves. */
  readonly rounds: number;
}

/** What payloads are cut from: bytes that do not compress, and some that do. */
const SOURCES = [noise(), sentence()];

function noise(): Uint8Array {
  const random = new Random(1);
  return Uint8Array.from({ length: 400_000 }, () => random.below(256));
}

function sentence(): Uint8Array {
  const random = new Random(2);
  const words = ["lost", "late", "sent", "read", "kept", "\u00e4hnlich"];
  const text = Array.from({ length: 80_000 }, () => random.of(words)).join(" ");
  return new TextEncoder().encode(text);
}

/** Bytes that tell one message from another by where they begin. */
function payload(random: Random): Uint8Array {
  const source = random.of(SOURCES);
  const size = random.of(SIZES);
  const start = random.below(source.length - size);
  return source.subarray(start, start + size);
}

/**
 * Connects, exchanges messages and leaves.
 *
 * @param WebSocket the client of the `ws` package
 * @param visit where, and for how long
 * @param random decides what is sent
 * @param tally is kept up
 * @param signal ends it early, politely
 */
export async function visit(
  WebSocket: typeof WsWebSocket,
  { url, compressed, rounds }: Visit,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const socket = new WebSocket(url, {
    perMessageDeflate: compressed && { threshold: 0 },
  });
  const expected: Uint8Array[] = [];
  const fail = (what: string) => {
    tally.errors.push(`${url}: ${what}`);
    socket.terminate();
  };
  let wake = () => {};
  const closed = new Promise<number>((resolve) =>
    socket.on("close", (code) => {
      wake();
      resolve(code);
    })
  );
  socket.on("error", (error) => fail(error.message));
  socket.on("message", (data: Uint8Array) => {
    const sent = expected.shift();
    if (sent === undefined || Buffer.compare(sent, data) !== 0) {
      return fail("an echo is not what was sent");
    }
    tally.messages++;
    tally.bytes += data.length;
    if (expected.length === 0) wake();
  });
  await new Promise<void>((resolve) => {
    socket.on("open", () => resolve());
    socket.on("close", () => resolve());
  });
  tally.connections++;
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    for (let i = 0; i < DEPTH; i++) {
      const bytes = payload(random);
      expected.push(bytes);
      socket.send(bytes);
    }
    const late = setTimeout(() => fail("an echo is missing"), PATIENCE);
    if (expected.length > 0) await new Promise<void>((go) => wake = go);
    clearTimeout(late);
    if (socket.readyState !== socket.OPEN) break;
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  const isOpen = socket.readyState === socket.OPEN;
  if (!isOpen && expected.length > 0) tally.errors.push(`${url}: cut off`);
  const late = setTimeout(() => fail("the close is not answered"), PATIENCE);
  socket.close(1000);
  const code = await closed;
  clearTimeout(late);
  tally.connections--;
  if (isOpen && code !== 1000) tally.errors.push(`${url}: closed with ${code}`);
}
