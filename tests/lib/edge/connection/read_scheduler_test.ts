import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../../../lib/config/config.ts";
import {
  ReadScheduler,
  SocketReader,
} from "../../../../lib/edge/connection/read_scheduler.ts";
import { Router } from "../../../../lib/routing/router.ts";
import type {
  CloseEventInfo,
  Connection,
  WebSocketHandler,
} from "../../../../lib/websocket.ts";
import { encodeFrame } from "../../../../lib/client/frame.ts";
import { RawClient } from "../../../integration/support/raw.ts";
import { closeFrame } from "../../../integration/support/wire.ts";
import { eventually, within } from "../../../integration/support/within.ts";
import { testWith } from "../../../permissions.ts";
import { type BothListeners, listenBoth, serviceOf } from "../../../service.ts";
import { serveSockets, symbol, withSocket } from "../runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** More messages than are read from one client in a turn. */
const MOST = 3 * 64;

/** Payload bytes of a numbered message, and of its echo with the header. */
const SIZE = 1000;
const ECHO = SIZE + 4;

/** More than the operating system buffers for a client. */
const MESSAGES = 40_000;

function serve(handler: WebSocketHandler): BothListeners {
  const router = new Router({ "/ws": handler });
  // No timeout ends a connection here.
  const limits = { ...readConfig(() => undefined), idleTimeout: 0 };
  return listenBoth(serviceOf({ router, limits }));
}

/** A client of the edge listener. */
function upgrade(server: BothListeners): Promise<RawClient> {
  return RawClient.upgrade(server.address.edge, "/ws");
}

function numbered(from: number, count: number): Uint8Array {
  const frames = Array.from({ length: count }, (_, i) => {
    const payload = new Uint8Array(SIZE);
    new DataView(payload.buffer).setUint32(0, from + i);
    return encodeFrame("binary", payload);
  });
  return Buffer.concat(frames);
}

async function send(client: RawClient): Promise<void> {
  for (let i = 0; i < MESSAGES; i += 100) await client.write(numbered(i, 100));
}

/** Reads the echoes of all numbered messages, and checks their order. */
async function readAll({ conn }: RawClient): Promise<void> {
  const echo = new Uint8Array(ECHO);
  for (let i = 0; i < MESSAGES; i++) {
    for (let length = 0; length < ECHO;) {
      const count = await conn.read(echo.subarray(length));
      if (count === null) throw new Error(`it ended at message ${i}`);
      length += count;
    }
    assertEquals(new DataView(echo.buffer).getUint32(4), i);
  }
}

/** Waits until a figure has almost stopped growing. */
async function standstill(figure: () => number): Promise<number> {
  let last = 0;
  await eventually(async () => {
    const before = last = figure();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return before > 0 && figure() - before <= MOST ? true : undefined;
  }, "a standstill");
  return last;
}

/** A client that sends, reads nothing, and is not read from any more. */
interface StalledClient {
  readonly client: RawClient;
  readonly connection: Connection;
  /** Messages received before reading stopped. */
  readonly received: number;
  /** Resolves when all is sent, or the connection has ended. */
  readonly sending: Promise<void>;
  closed(): Promise<CloseEventInfo>;
}

async function withStalledClient(
  use: (stalled: StalledClient) => Promise<void>,
): Promise<void> {
  let connection: Connection | undefined;
  let received = 0;
  const closed = Promise.withResolvers<CloseEventInfo>();
  await using server = serve({
    open: (opened) => void (connection = opened),
    frame(connection, frame) {
      received++;
      connection.send(frame);
    },
    close: (_connection, event) => closed.resolve(event),
  });
  using client = await upgrade(server);
  const sending = send(client).catch(() => {});
  await use({
    client,
    received: await standstill(() => received),
    connection: connection!,
    sending,
    closed: () => within(closed.promise, "the close event"),
  });
}

testWith(
  { net: true },
  "edge listener: a client that reads late is not read from meanwhile, and gets every message",
  () =>
    withStalledClient(async ({ client, received, sending, closed }) => {
      assert(received < MESSAGES, "everything was read");
      await readAll(client);
      await sending;
      await client.write(closeFrame(1000));
      assertEquals(await client.closeCode(), 1000);
      await closed();
    }),
);

/** Counts calls within one turn of the event loop. */
class TurnCounter {
  /** Calls in all. */
  total = 0;
  /** The most calls in one turn. */
  most = 0;
  #inTurn = 0;

  note(): void {
    this.total++;
    if (this.#inTurn++ === 0) setImmediate(() => this.#inTurn = 0);
    this.most = Math.max(this.most, this.#inTurn);
  }
}

/** Sends many tiny messages and a CLOSE, and reads to the end. */
async function flood(client: RawClient): Promise<void> {
  const reading = drain(client);
  const one = encodeFrame("text", "x");
  await client.write(
    Buffer.concat(Array.from({ length: MESSAGES }, () => one)),
  );
  await client.write(closeFrame(1000));
  await reading;
}

for (
  const [what, frame] of [
    ["is answered", (connection, frame) => connection.send(frame)],
    ["is not answered", () => {}],
  ] as const satisfies [string, WebSocketHandler["frame"]][]
) {
  testWith(
    { net: true },
    `edge listener: a client that floods and ${what} is read within its quota`,
    async () => {
      const counter = new TurnCounter();
      await using server = serve({
        frame(connection, message) {
          counter.note();
          return frame(connection, message);
        },
      });
      using client = await upgrade(server);
      await flood(client);
      assertEquals(counter.total, MESSAGES);
      assert(counter.most <= MOST, `${counter.most} messages in a turn`);
    },
  );
}

// When this fails, read_scheduler.ts can be removed: the runtime reads fairly.
testWith(
  { net: true },
  "runtime still reads a client that floods without a pause",
  async () => {
    const counter = new TurnCounter();
    await using server = serveSockets((socket) => {
      socket.onmessage = () => counter.note();
    });
    using client = await RawClient.upgrade(server.addr, "/");
    await flood(client);
    assert(counter.most > MOST, `${counter.most} messages in a turn`);
  },
);

testWith(
  { net: true },
  "edge listener: a client that floods PONGs is read within its quota",
  async () => {
    const counter = new TurnCounter();
    await using server = serve({
      frame: (connection, frame) => connection.send(frame),
    });
    using _counting = countingReads(() => counter.note());
    using client = await upgrade(server);
    const pongs = encodeFrames("pong", 10_000);
    for (let i = 0; i < 50; i++) await client.write(pongs);
    await client.write(closeFrame(1000));
    assertEquals(await client.closeCode(), 1000);
    const { most } = counter;
    assert(most >= 512, `${most} PONGs in a turn: they were not counted`);
    assert(most <= 3 * 512, `${most} PONGs in a turn`);
  },
);

for (const pongs of [510, 511, 512, 1023]) {
  testWith(
    { net: true },
    `edge listener: messages between ${pongs} PONGs each are answered, in order`,
    async () => {
      await using server = serve({
        frame: (connection, frame) => connection.send(frame),
      });
      using client = await upgrade(server);
      const between = encodeFrames("pong", pongs);
      for (let i = 0; i < 100; i++) {
        await client.write(Buffer.concat([between, numbered(i, 1)]));
      }
      for (let i = 0; i < 100; i++) {
        const { payload } = await client.frame();
        assertEquals(
          new DataView(payload.buffer, payload.byteOffset)
            .getUint32(0),
          i,
        );
      }
      await client.write(closeFrame(1000));
      assertEquals(await client.closeCode(), 1000);
    },
  );
}

function encodeFrames(opcode: "pong", count: number): Uint8Array {
  const one = encodeFrame(opcode, "");
  return Buffer.concat(Array.from({ length: count }, () => one));
}

/** Calls a function for each message and PONG that the runtime reads. */
function countingReads(read: () => void): Disposable {
  const prototype = WebSocket.prototype as unknown as Record<
    symbol,
    () => void
  >;
  const restart = symbol(prototype, "[[serverHandleIdleTimeout]]");
  const original = prototype[restart]!;
  prototype[restart] = function (this: WebSocket) {
    read();
    original.call(this);
  };
  return { [Symbol.dispose]: () => void (prototype[restart] = original) };
}

async function drain({ conn }: RawClient): Promise<void> {
  const buffer = new Uint8Array(65536);
  while (await conn.read(buffer) !== null);
}

// The runtime drops data sent to a socket whose state it sees as closed.
testWith(
  { net: true },
  "edge listener: data sent by other jobs right after a pause is sent",
  async () => {
    await using server = serve({
      frame(connection, frame) {
        const data = frame.payload.slice();
        // Some of these run right after the listener of a message.
        Promise.resolve().then(() => {}).then(() => connection.send(data));
      },
    });
    using client = await upgrade(server);
    const sending = send(client).catch(() => {});
    await readAll(client);
    await sending;
    await client.write(closeFrame(1000));
    assertEquals(await client.closeCode(), 1000);
  },
);

testWith(
  { net: true },
  "edge listener: a client that is not read from gets its CLOSE",
  () =>
    withStalledClient(async ({ client, connection, sending, closed }) => {
      connection.close(1001);
      await closed();
      client[Symbol.dispose]();
      await sending;
    }),
);

testWith(
  { net: true },
  "edge listener: the disconnect of a client that is not read from is noticed",
  () =>
    withStalledClient(async ({ client, sending, closed }) => {
      client[Symbol.dispose]();
      assertEquals((await closed()).wasClean, false);
      await sending;
    }),
);

/** A socket of a runtime that reads whatever the socket's state is. */
class StubbornSocket {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 1;
  loops = 0;

  static like(real: WebSocket): StubbornSocket {
    const fake = new StubbornSocket();
    const loop = symbol(WebSocket.prototype, "[[eventLoop]]");
    const inside = fake as unknown as Record<symbol, unknown>;
    inside[symbol(real, "[[readyState]]")] = WebSocket.OPEN;
    inside[loop] = () => fake.loops++;
    return fake;
  }
}

testWith(
  { net: true },
  "SocketReader.noteMessage() never asks for a pause once the runtime has read a paused socket",
  () =>
    withSocket(async (socket) => {
      const scheduler = new ReadScheduler();
      const fake = StubbornSocket.like(socket);
      scheduler.opened(fake as unknown as WebSocket);
      const reader = new SocketReader(scheduler, fake as unknown as WebSocket);
      while (!reader.noteMessage(1));
      reader.pause();
      await Promise.resolve();
      // The runtime reads all the same: a second loop must not run.
      assertEquals(reader.noteMessage(1), false);
      fake.bufferedAmount = 0;
      assertEquals(reader.tryResume(performance.now()), true);
      assertEquals(fake.loops, 0);
      for (let i = 0; i < 10_000; i++) {
        assertEquals(reader.noteMessage(1), false);
      }
      scheduler.clear();
    }),
);

Deno.test("SocketReader.noteMessage() never asks for a pause when the runtime has no such symbols", () => {
  const scheduler = new ReadScheduler();
  const socket = { bufferedAmount: 1 } as WebSocket;
  scheduler.opened(socket);
  const reader = new SocketReader(scheduler, socket);
  for (let i = 0; i < 10_000; i++) assertEquals(reader.noteMessage(1), false);
});

Deno.test("ReadScheduler resumes a client with little to read before those with much", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const scheduler = new ReadScheduler();
  const resumed: string[] = [];
  const pause = (name: string, bytes: number, whenResumed = () => {}) => {
    const socket = {
      readyState: WebSocket.OPEN,
      bufferedAmount: bytes,
      [Symbol("[[readyState]]")]: WebSocket.OPEN,
      [symbol(WebSocket.prototype, "[[serverHandleIdleTimeout]]")]() {},
      [symbol(WebSocket.prototype, "[[eventLoop]]")]() {
        resumed.push(name);
        whenResumed();
      },
    };
    scheduler.opened(socket as unknown as WebSocket);
    const reader = new SocketReader(scheduler, socket as unknown as WebSocket);
    assert(reader.noteMessage(bytes));
    reader.pause();
    return socket;
  };
  // They read nothing: each is read from again after a time.
  pause("first", 2 ** 20, () => light.bufferedAmount = 0);
  pause("second", 2 ** 20, resolve);
  const light = pause("light", 400_000);
  try {
    await within(promise, "the second");
    assertEquals(resumed, ["first", "light", "second"]);
  } finally {
    scheduler.clear();
  }
});
