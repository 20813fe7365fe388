/**
 * The honest clients of the soak test: they send messages, check the bytes and the
 * order of the echoes, and close.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { WebSocket as WsWebSocket } from "ws-types";
import {
  ClientConnection,
  readClose,
  type ServerMessage,
} from "../../lib/client/mod.ts";
import { Random } from "../fuzz/random.ts";

/** The totals of all honest clients. */
export interface Tally {
  connections: number;
  messages: number;
  bytes: number;
  /** Descriptions of faults. */
  readonly errors: string[];
}

/** Payload lengths of most messages, and of one in LARGE_ONES. */
const SIZES = [0, 1, 16, 64, 125, 126, 500, 2000];
const LARGE_SIZES = [65535, 65536, 200_000];
const LARGE_ONES = 50;

/** Messages in flight. */
const DEPTH = 4;

/** Milliseconds between two rounds of messages. */
const PACE = 3000;

/** Milliseconds until an echo or a close is missing. */
const TIME_LIMIT = 60_000;

/** The plan of a connection. */
export interface ConnectionPlan {
  readonly url: string;
  /** Rounds of messages before the close. */
  readonly rounds: number;
}

/** The bytes of payloads: some do not compress, some do. */
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

/** A run of bytes with a random start, so that messages differ. */
function payload(random: Random): Uint8Array<ArrayBuffer> {
  const source = random.of(SOURCES);
  const size = random.of(random.below(LARGE_ONES) === 0 ? LARGE_SIZES : SIZES);
  const start = random.below(source.length - size);
  return source.subarray(start, start + size);
}

/**
 * Runs a client: connects, exchanges messages and closes.
 *
 * @param plan the URL and the rounds
 * @param random chooses the messages
 * @param tally is updated
 * @param signal makes the client close early
 */
export async function runClient(
  { url, rounds }: ConnectionPlan,
  random: Random,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  try {
    using client = await ClientConnection.open(url, { timeout: TIME_LIMIT });
    tally.connections++;
    try {
      for (let round = 0; round < rounds && !signal.aborted; round++) {
        await exchange(client, random, tally);
        await new Promise((resolve) => setTimeout(resolve, PACE));
      }
      await client.sendClose(1000);
      const answer = await client.nextMessage();
      if (
        answer.opcode !== "close" || readClose(answer.payload).code !== 1000
      ) {
        throw new Error(`${seen(answer)} instead of CLOSE 1000`);
      }
    } finally {
      tally.connections--;
    }
  } catch (error) {
    tally.errors.push(`${url}: ${error}`);
  }
}

/** Sends messages at once and checks their echoes. */
async function exchange(
  client: ClientConnection,
  random: Random,
  tally: Tally,
): Promise<void> {
  const messages = Array.from({ length: DEPTH }, () => payload(random));
  const sending = (async () => {
    for (const bytes of messages) await client.send("binary", bytes);
  })();
  // After a failed send the missing echo is reported.
  sending.catch(() => {});
  for (const bytes of messages) {
    const echo = await client.nextMessage();
    if (
      echo.opcode !== "binary" || Buffer.compare(echo.payload, bytes) !== 0
    ) {
      throw new Error(`${seen(echo)} instead of an echo`);
    }
    tally.messages++;
    tally.bytes += bytes.length;
  }
  await sending;
}

/** A description of what came. */
function seen({ opcode, payload }: ServerMessage): string {
  if (opcode !== "close") return `${payload.length} bytes`;
  const { code, reason } = readClose(payload);
  return `CLOSE ${code} ${reason}`;
}

/**
 * Runs a client with compression, on the `ws` package.
 *
 * @param WebSocket the class of the `ws` package
 * @param plan the URL and the rounds
 * @param random chooses the messages
 * @param tally is updated
 * @param signal makes the client close early
 */
export async function runCompressedClient(
  WebSocket: typeof WsWebSocket,
  { url, rounds }: ConnectionPlan,
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
    const late = setTimeout(() => fail("an echo is missing"), TIME_LIMIT);
    if (expected.length > 0) await new Promise<void>((go) => wake = go);
    clearTimeout(late);
    if (socket.readyState !== socket.OPEN) break;
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  const isOpen = socket.readyState === socket.OPEN;
  if (!isOpen && expected.length > 0) tally.errors.push(`${url}: disconnected`);
  const late = setTimeout(() => fail("the close is not answered"), TIME_LIMIT);
  socket.close(1000);
  const code = await closed;
  clearTimeout(late);
  tally.connections--;
  if (isOpen && code !== 1000) tally.errors.push(`${url}: closed with ${code}`);
}
