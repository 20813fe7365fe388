import { assert, assertEquals } from "@std/assert";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { KeepAlive } from "../../../lib/edge/keep_alive.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { closeFrame } from "../../integration/support/wire.ts";
import { eventually, within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets, symbol, withSocket } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** For sockets that must not be reported as stuck. */
const NOT_STUCK = () => {
  throw new Error("the socket is not stuck");
};

/** A socket that records the restarts of its keep-alive timer. */
class FakeSocket {
  readonly restarts: number[] = [];
  bufferedAmount = 0;
  readyState: number = WebSocket.OPEN;

  /** Makes a socket with the runtime's symbols. */
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
  "KeepAlive.idleTimeout is 0 once a socket has shown how to start its keep-alive later",
  () =>
    withSocket((socket) => {
      const keepAlive = new KeepAlive(30_000);
      assertEquals(keepAlive.idleTimeout, 30);
      const connection = { lastActivity: 0 };
      keepAlive.opened(connection, socket, NOT_STUCK);
      assertEquals(keepAlive.idleTimeout, 0);
      keepAlive.closed(connection);
    }),
);

testWith(
  { net: true },
  "KeepAlive starts the runtime's keep-alive once, when the client falls silent",
  () =>
    withSocket(async (socket) => {
      const keepAlive = new KeepAlive(80);
      const fake = FakeSocket.like(socket, 0);
      const busy = FakeSocket.like(socket, 0);
      const connection = { lastActivity: 1 };
      const other = {
        checks: 0,
        get lastActivity() {
          return ++this.checks;
        },
      };
      keepAlive.opened(connection, fake as unknown as WebSocket, NOT_STUCK);
      keepAlive.opened(other, busy as unknown as WebSocket, NOT_STUCK);
      const before = other.checks;
      await eventually(
        () => Promise.resolve(other.checks >= before + 3 || undefined),
        "three checks",
      );
      assertEquals(fake.restarts, [0.08]);
      assertEquals(busy.restarts, []);
      keepAlive.closed(other);
      keepAlive.closed(connection);
    }),
);

for (
  const [what, timeout, idleTimeout, handed] of [
    ["a socket without a timeout", 0, 0, 0],
    ["a socket that already has one", 80, 0.08, 0],
  ] as const
) {
  testWith(
    { net: true },
    `KeepAlive does not start the keep-alive of ${what}`,
    () =>
      withSocket((socket) => {
        const keepAlive = new KeepAlive(timeout);
        const fake = FakeSocket.like(socket, idleTimeout);
        const connection = { lastActivity: 1 };
        keepAlive.opened(connection, fake as unknown as WebSocket, NOT_STUCK);
        assertEquals(keepAlive.idleTimeout, handed);
        keepAlive.closed(connection);
        assertEquals(fake.restarts, []);
      }),
  );
}

Deno.test("KeepAlive.idleTimeout is the timeout when the runtime has no such symbols", () => {
  const keepAlive = new KeepAlive(30_000);
  const connection = { lastActivity: 0 };
  keepAlive.opened(connection, {} as WebSocket, NOT_STUCK);
  assertEquals(keepAlive.idleTimeout, 30);
  keepAlive.closed(connection);
});

/** Checks a silent client's socket until it is reported as stuck. */
function untilStuck(change: (socket: FakeSocket) => void): Promise<void> {
  return withSocket(async (real) => {
    const keepAlive = new KeepAlive(8);
    const fake = FakeSocket.like(real, 0);
    change(fake);
    const { promise, resolve } = Promise.withResolvers<void>();
    const connection = { lastActivity: 1 };
    keepAlive.opened(connection, real, NOT_STUCK);
    keepAlive.closed(connection);
    keepAlive.opened(connection, fake as unknown as WebSocket, resolve);
    await within(promise, "the call");
    assertEquals(fake.restarts, [0.008]);
  });
}

testWith(
  { net: true },
  "KeepAlive reports a silent client that does not read",
  () => untilStuck((socket) => socket.bufferedAmount = 1),
);

testWith(
  { net: true },
  "KeepAlive reports a client whose CLOSE the runtime cannot answer",
  () => untilStuck((socket) => socket.readyState = WebSocket.CLOSED),
);

testWith(
  { net: true },
  "KeepAlive does not report a client that reads slowly",
  () =>
    withSocket(async (real) => {
      const keepAlive = new KeepAlive(8);
      const fake = FakeSocket.like(real, 0);
      let checks = 0;
      Object.defineProperty(fake, "bufferedAmount", {
        get: () => 10_000 - checks++,
      });
      const connection = { lastActivity: 1 };
      keepAlive.opened(connection, real, NOT_STUCK);
      keepAlive.closed(connection);
      keepAlive.opened(connection, fake as unknown as WebSocket, NOT_STUCK);
      await eventually(
        () => Promise.resolve(checks > 100 || undefined),
        "more checks than a stuck client gets",
      );
      keepAlive.closed(connection);
    }),
);

// When this fails, keep_alive.ts may leave the PINGs of all sockets to the runtime.
testWith(
  { net: true },
  "runtime still restarts its idle timer at each message",
  async () => {
    const messages = 10;
    const restart = symbol(WebSocket.prototype, "[[serverHandleIdleTimeout]]");
    const closed = Promise.withResolvers<void>();
    let restarts = 0;
    await using server = serveSockets((socket) => {
      (socket as unknown as Record<symbol, unknown>)[restart] = () =>
        restarts++;
      socket.onclose = () => closed.resolve();
    }, 30);
    using client = await RawClient.upgrade(server.addr, "/");
    for (let i = 0; i < messages; i++) {
      await client.write(encodeFrame("text", "x"));
    }
    await client.write(closeFrame(1000));
    await within(closed.promise, "the close event");
    assert(restarts >= messages, `${restarts} restarts`);
  },
);
