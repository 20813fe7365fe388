import { assertEquals } from "@std/assert";
import { KeepAlive } from "../../../lib/edge/keep_alive.ts";
import { eventually, within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { symbol, withSocket } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** No socket of a test is stuck but where the test says so. */
const NOT_STUCK = () => {
  throw new Error("the socket is not stuck");
};

/** What the runtime's timers of a socket were asked for. */
class FakeSocket {
  readonly restarts: number[] = [];
  bufferedAmount = 0;
  readyState: number = WebSocket.OPEN;

  /** A socket as the runtime makes it. */
  static like(real: WebSocket, idleTimeout: number): FakeSocket {
    const fake = new FakeSocket();
    const own = symbol(real, "[[idleTimeout]]");
    const method = symbol(WebSocket.prototype, "[[serverHandleIdleTimeout]]");
    const inside = fake as unknown as Record<symbol, unknown>;
    inside[own] = idleTimeout;
    inside[method] = () => fake.restarts.push(inside[own] as number);
    return fake;
  }
}

testWith(
  { net: true },
  "KeepAlive asks for a keep-alive until it has seen how a socket gets one later",
  () =>
    withSocket((socket) => {
      const keepAlive = new KeepAlive(30_000);
      assertEquals(keepAlive.idleTimeout, 30);
      const peer = { lastActivity: 0 };
      keepAlive.opened(peer, socket, NOT_STUCK);
      assertEquals(keepAlive.idleTimeout, 0);
      keepAlive.closed(peer);
    }),
);

testWith(
  { net: true },
  "KeepAlive begins once, when a peer has fallen silent",
  () =>
    withSocket(async (socket) => {
      const keepAlive = new KeepAlive(80);
      const fake = FakeSocket.like(socket, 0);
      const busy = FakeSocket.like(socket, 0);
      const peer = { lastActivity: 1 };
      const other = {
        heard: 0,
        get lastActivity() {
          return ++this.heard;
        },
      };
      keepAlive.opened(peer, fake as unknown as WebSocket, NOT_STUCK);
      keepAlive.opened(other, busy as unknown as WebSocket, NOT_STUCK);
      const looked = other.heard;
      await eventually(
        () => Promise.resolve(other.heard >= looked + 3 || undefined),
        "three looks",
      );
      assertEquals(fake.restarts, [0.08]);
      assertEquals(busy.restarts, []);
      keepAlive.closed(other);
      keepAlive.closed(peer);
    }),
);

for (
  const [what, timeout, idleTimeout, handed] of [
    ["no timeout", 0, 0, 0],
    ["a socket that has its keep-alive", 80, 0.08, 0],
  ] as const
) {
  testWith(
    { net: true },
    `KeepAlive leaves ${what} alone`,
    () =>
      withSocket((socket) => {
        const keepAlive = new KeepAlive(timeout);
        const fake = FakeSocket.like(socket, idleTimeout);
        const peer = { lastActivity: 1 };
        keepAlive.opened(peer, fake as unknown as WebSocket, NOT_STUCK);
        assertEquals(keepAlive.idleTimeout, handed);
        keepAlive.closed(peer);
        assertEquals(fake.restarts, []);
      }),
  );
}

Deno.test("KeepAlive does without where the runtime shows nothing", () => {
  const keepAlive = new KeepAlive(30_000);
  const peer = { lastActivity: 0 };
  keepAlive.opened(peer, {} as WebSocket, NOT_STUCK);
  assertEquals(keepAlive.idleTimeout, 30);
  keepAlive.closed(peer);
});

/** A silent peer's socket, watched until it is found to be stuck. */
function stuck(change: (socket: FakeSocket) => void): Promise<void> {
  return withSocket(async (real) => {
    const keepAlive = new KeepAlive(8);
    const fake = FakeSocket.like(real, 0);
    change(fake);
    const { promise, resolve } = Promise.withResolvers<void>();
    const peer = { lastActivity: 1 };
    keepAlive.opened(peer, real, NOT_STUCK);
    keepAlive.closed(peer);
    keepAlive.opened(peer, fake as unknown as WebSocket, resolve);
    await within(promise, "the call");
    assertEquals(fake.restarts, [0.008]);
  });
}

testWith(
  { net: true },
  "KeepAlive tells of a silent client that does not read what waits for it",
  () => stuck((socket) => socket.bufferedAmount = 1),
);

testWith(
  { net: true },
  "KeepAlive tells of a client whose CLOSE the runtime cannot answer",
  () => stuck((socket) => socket.readyState = WebSocket.CLOSED),
);

testWith(
  { net: true },
  "KeepAlive does not take a client for stuck that reads slowly",
  () =>
    withSocket(async (real) => {
      const keepAlive = new KeepAlive(8);
      const fake = FakeSocket.like(real, 0);
      let looks = 0;
      Object.defineProperty(fake, "bufferedAmount", {
        get: () => 10_000 - looks++,
      });
      const peer = { lastActivity: 1 };
      keepAlive.opened(peer, real, NOT_STUCK);
      keepAlive.closed(peer);
      keepAlive.opened(peer, fake as unknown as WebSocket, NOT_STUCK);
      await eventually(
        () => Promise.resolve(looks > 100 || undefined),
        "more looks than a stuck client gets",
      );
      keepAlive.closed(peer);
    }),
);
