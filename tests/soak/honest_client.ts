/**
 * An honest client of the soak: it sends, checks every byte that comes back and
 * its order, leaves politely, and comes again.
 *
 * @module
 */

import type { WebSocket as WsWebSocket } from "ws-types";
import { Buffer } from "node:buffer";
import { ClientConnection } from "../../lib/client/connection.ts";
import {
  readClose,
  type ServerMessage,
} from "../../lib/client/message_reader.ts";
import { Random } from "../fuzz/random.ts";

/** What all clients have seen. */
export interface Tally {
  connections: number;
  messages: number;
  bytes: number;
  /** What went wrong, in words; the first are enough. */
  readonly errors: string[];
}

/** Payload bytes of most messages, and of one in so many. */
const SIZES = [0, 1, 16, 64, 125, 126, 500, 2000];
const LARGE_SIZES = [65535, 65536, 200_000];
const LARGE_ONES = 50;

/** Messages in flight. */
const DEPTH = 4;

/** Milliseconds between two rounds of messages. */
const PACE = 3000;

/** Milliseconds that an echo, or a close, may take. */
const PATIENCE = 60_000;

/** One connection's life. */
export interface Visit {
  readonly url: string;
  /** ReadScheduler of messages until it leaves. */
  readonly rounds: number;
}

/** What payloads are cut from: bytes that do not compress, and some that do. */
const SOURCES = [noise(), sentence()];

function noise(): Uint8Array<ArrayBuffer> {
  const random = new Random(1);
  return Uint8Array.from({ length: 400_000 }, () => random.below(256));
}

function sentence(): Uint8Array<ArrayBuffer> {
  const random = new Random(2);
  const words = ["lost", "late", "sent", "read", "kept", "\u00e4hnlich"];
  const text = Array.from({ length: 80_000 }, () => random.of(words)).join(" ");
  return new TextEncoder().encode(text);
}

/** Bytes that tell one message from another by where they begin. */
function payload(random: Random): Uint8Array<ArrayBuffer> {
  const source = random.of(SOURCES);
  const size = random.of(random.below(LARGE_ONES) === 0 ? LARGE_SIZES : SIZES);
  const start = random.below(source.length - size);
  return source.subarray(start, start + size);
}

/**
 * Connects, exchanges messages and leaves.
 *
 * @param visit where, and for how long
 * @param random decides what is sent
 * @param tally is kept up
 * @param signal ends it early, politely
 */
export async function visit(
  { url, rounds }: Visit,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  try {
    using client = await ClientConnection.open(url);
    tally.connections++;
    using watchdog = new Watchdog(client);
    try {
      for (let round = 0; round < rounds && !signal.aborted; round++) {
        watchdog.reset();
        await exchange(client, random, tally);
        await new Promise((resolve) => setTimeout(resolve, PACE));
      }
      watchdog.reset();
      await client.sendClose(1000);
      const goodbye = await client.dataOrClose();
      if (
        goodbye?.opcode !== "close" || readClose(goodbye.payload).code !== 1000
      ) {
        throw new Error(`${seen(goodbye, client)} for a goodbye`);
      }
    } finally {
      tally.connections--;
    }
  } catch (error) {
    tally.errors.push(`${url}: ${error}`);
  }
}

/** Sends some messages at once, and has them back. */
async function exchange(
  client: ClientConnection,
  random: Random,
  tally: Tally,
): Promise<void> {
  const messages = Array.from({ length: DEPTH }, () => payload(random));
  const sending = (async () => {
    for (const bytes of messages) await client.send("binary", bytes);
  })();
  // Where it fails, the echo is missing, which says more.
  sending.catch(() => {});
  for (const bytes of messages) {
    const echo = await client.dataOrClose();
    if (
      echo?.opcode !== "binary" || Buffer.compare(echo.payload, bytes) !== 0
    ) {
      throw new Error(`${seen(echo, client)} in place of an echo`);
    }
    tally.messages++;
    tally.bytes += bytes.length;
  }
  await sending;
}

/** What came, in words. */
function seen(
  message: ServerMessage | undefined,
  client: ClientConnection,
): string {
  if (message === undefined) return `the connection's ${client.ending}`;
  if (message.opcode !== "close") return `${message.payload.length} bytes`;
  const { code, reason } = readClose(message.payload);
  return `CLOSE ${code} ${reason}`;
}

/** Cuts a connection on which nothing comes any more. */
class Watchdog implements Disposable {
  readonly #client: ClientConnection;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ClientConnection) {
    this.#client = client;
  }

  /** Gives it its time once more. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#client[Symbol.dispose](),
      PATIENCE,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/**
 * The same with compression, by the `ws` package.
 *
 * @param WebSocket its client
 * @param visit where, and for how long
 * @param random decides what is sent
 * @param tally is kept up
 * @param signal ends it early, politely
 */
export async function visitCompressed(
  WebSocket: typeof WsWebSocket,
  { url, rounds }: Visit,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const socket = new WebSocket(url, {
    perMessageDeflate: { threshold: 0 },
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
