import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../../lib/config.ts";
import { Reading, ReadingTurns } from "../../../lib/edge/reading.ts";
import { Router } from "../../../lib/router.ts";
import type {
  CloseEventInfo,
  Connection,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { RawPeer } from "../../integration/raw.ts";
import { closeFrame } from "../../integration/wire.ts";
import { eventually, within } from "../../integration/within.ts";
import { testWith } from "../../permissions.ts";
import { type BothListeners, listenBoth, serviceOf } from "../../service.ts";
import { symbol, withSocket } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Messages that are never read from one peer in a turn. */
const MOST = 3 * 64;

/** Payload bytes of a numbered message, and of its echo with the header. */
const SIZE = 1000;
const ECHO = SIZE + 4;

/** More than the operating system holds for a peer. */
const MESSAGES = 40_000;

function serve(handler: WebSocketHandler): BothListeners {
  const router = new Router({ "/ws": handler });
  // What ends a connection here is no timeout.
  const limits = { ...readConfig(() => undefined), idleTimeout: 0 };
  return listenBoth(serviceOf({ router, limits }));
}

/** A client of the edge listener. */
function upgrade(server: BothListeners): Promise<RawPeer> {
  return RawPeer.upgrade(server.address.edge, "/ws");
}

function numbered(from: number, count: number): Uint8Array {
  const frames = Array.from({ length: count }, (_, i) => {
    const payload = new Uint8Array(SIZE);
    new DataView(payload.buffer).setUint32(0, from + i);
    return encodeFrame("binary", payload);
  });
  return Buffer.concat(frames);
}

async function send(peer: RawPeer): Promise<void> {
  for (let i = 0; i < MESSAGES; i += 100) await peer.write(numbered(i, 100));
}

/** Reads the echoes of all numbered messages, and checks that they are those. */
async function readAll({ conn }: RawPeer): Promise<void> {
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

/** Waits until a figure hardly grows any more. */
async function stands(figure: () => number): Promise<number> {
  let last = 0;
  await eventually(async () => {
    const before = last = figure();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return before > 0 && figure() - before <= MOST ? true : undefined;
  }, "a standstill");
  return last;
}

/** A peer that sends, reads nothing, and is not read from. */
interface StalledPeer {
  readonly peer: RawPeer;
  readonly connection: Connection;
  /** Messages until then. */
  readonly received: number;
  /** Resolves when all is sent, or the connection has ended. */
  readonly sending: Promise<void>;
  closed(): Promise<CloseEventInfo>;
}

async function withStalledPeer(
  use: (stalled: StalledPeer) => Promise<void>,
): Promise<void> {
  let connection: Connection | undefined;
  let received = 0;
  const closed = Promise.withResolvers<CloseEventInfo>();
  await using server = serve({
    open: (peer) => void (connection = peer),
    frame(peer, frame) {
      received++;
      peer.send(frame);
    },
    close: (_peer, event) => closed.resolve(event),
  });
  using peer = await upgrade(server);
  const sending = send(peer).catch(() => {});
  await use({
    peer,
    received: await stands(() => received),
    connection: connection!,
    sending,
    closed: () => within(closed.promise, "the close event"),
  });
}

testWith(
  { net: true },
  "edge listener: a peer that reads late is not read from meanwhile, and gets every message",
  () =>
    withStalledPeer(async ({ peer, received, sending, closed }) => {
      assert(received < MESSAGES, "everything was read");
      await readAll(peer);
      await sending;
      await peer.write(closeFrame(1000));
      assertEquals(await peer.closeCode(), 1000);
      await closed();
    }),
);

for (
  const [what, frame] of [
    ["is answered", (peer, frame) => peer.send(frame)],
    ["is not answered", () => {}],
  ] as const satisfies [string, WebSocketHandler["frame"]][]
) {
  testWith(
    { net: true },
    `edge listener: a peer that floods and ${what} leaves turns to others`,
    async () => {
      let received = 0;
      let inTurn = 0;
      let most = 0;
      await using server = serve({
        frame(peer, message) {
          received++;
          if (inTurn++ === 0) setImmediate(() => inTurn = 0);
          most = Math.max(most, inTurn);
          return frame(peer, message);
        },
      });
      using peer = await upgrade(server);
      const reading = drain(peer);
      const one = encodeFrame("text", "x");
      await peer.write(
        Buffer.concat(Array.from({ length: MESSAGES }, () => one)),
      );
      await peer.write(closeFrame(1000));
      await reading;
      assertEquals(received, MESSAGES);
      assert(most <= MOST, `${most} messages in a turn`);
    },
  );
}

testWith(
  { net: true },
  "edge listener: a peer that floods PONGs leaves turns to others",
  async () => {
    let inTurn = 0;
    let most = 0;
    await using server = serve({ frame: (peer, frame) => peer.send(frame) });
    using _counting = countingReads(() => {
      if (inTurn++ === 0) setImmediate(() => inTurn = 0);
      most = Math.max(most, inTurn);
    });
    using peer = await upgrade(server);
    const pongs = encodeFrames("pong", 10_000);
    for (let i = 0; i < 50; i++) await peer.write(pongs);
    await peer.write(closeFrame(1000));
    assertEquals(await peer.closeCode(), 1000);
    assert(most >= 512, `${most} PONGs in a turn: they were not counted`);
    assert(most <= 3 * 512, `${most} PONGs in a turn`);
  },
);

for (const pongs of [510, 511, 512, 1023]) {
  testWith(
    { net: true },
    `edge listener: messages between ${pongs} PONGs each are answered, in order`,
    async () => {
      await using server = serve({ frame: (peer, frame) => peer.send(frame) });
      using peer = await upgrade(server);
      const between = encodeFrames("pong", pongs);
      for (let i = 0; i < 100; i++) {
        await peer.write(Buffer.concat([between, numbered(i, 1)]));
      }
      for (let i = 0; i < 100; i++) {
        const { payload } = await peer.frame();
        assertEquals(
          new DataView(payload.buffer, payload.byteOffset)
            .getUint32(0),
          i,
        );
      }
      await peer.write(closeFrame(1000));
      assertEquals(await peer.closeCode(), 1000);
    },
  );
}

function encodeFrames(opcode: "pong", count: number): Uint8Array {
  const one = encodeFrame(opcode, "");
  return Buffer.concat(Array.from({ length: count }, () => one));
}

/** Has the runtime tell of each message and PONG that it reads. */
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

async function drain({ conn }: RawPeer): Promise<void> {
  const buffer = new Uint8Array(65536);
  while (await conn.read(buffer) !== null);
}

// While the runtime takes a socket for closed, it would drop what is sent.
testWith(
  { net: true },
  "edge listener: what other jobs send at the moment of a pause is sent",
  async () => {
    await using server = serve({
      frame(peer, frame) {
        const data = frame.payload.slice();
        // Some of these run right behind the listener of a message.
        Promise.resolve().then(() => {}).then(() => peer.send(data));
      },
    });
    using peer = await upgrade(server);
    const sending = send(peer).catch(() => {});
    await readAll(peer);
    await sending;
    await peer.write(closeFrame(1000));
    assertEquals(await peer.closeCode(), 1000);
  },
);

testWith(
  { net: true },
  "edge listener: a peer that is not read from gets its CLOSE",
  () =>
    withStalledPeer(async ({ peer, connection, sending, closed }) => {
      connection.close(1001);
      await closed();
      peer[Symbol.dispose]();
      await sending;
    }),
);

testWith(
  { net: true },
  "edge listener: the end of a peer that is not read from is noticed",
  () =>
    withStalledPeer(async ({ peer, sending, closed }) => {
      peer[Symbol.dispose]();
      assertEquals((await closed()).wasClean, false);
      await sending;
    }),
);

/** A socket of a runtime that goes on reading whatever its state is. */
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
  "Reading leaves a runtime alone that cannot be paused",
  () =>
    withSocket(async (socket) => {
      const turns = new ReadingTurns();
      const fake = StubbornSocket.like(socket);
      turns.opened(fake as unknown as WebSocket);
      const reading = new Reading(turns, fake as unknown as WebSocket);
      while (!reading.heard(1));
      reading.pause();
      await Promise.resolve();
      // A message all the same: two loops would read from the socket.
      assertEquals(reading.heard(1), false);
      fake.bufferedAmount = 0;
      assertEquals(reading.goesOn(performance.now()), true);
      assertEquals(fake.loops, 0);
      for (let i = 0; i < 10_000; i++) assertEquals(reading.heard(1), false);
      turns.clear();
    }),
);

Deno.test("Reading never pauses where the runtime shows nothing", () => {
  const turns = new ReadingTurns();
  const socket = { bufferedAmount: 1 } as WebSocket;
  turns.opened(socket);
  const reading = new Reading(turns, socket);
  for (let i = 0; i < 10_000; i++) assertEquals(reading.heard(1), false);
});
