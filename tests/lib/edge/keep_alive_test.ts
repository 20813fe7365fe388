import { assertEquals } from "@std/assert";
import { KeepAlive } from "../../../lib/edge/keep_alive.ts";
import { eventually } from "../../integration/within.ts";
import { testWith } from "../../permissions.ts";
import { symbol, withSocket } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** What the runtime's timers of a socket were asked for. */
class FakeSocket {
  readonly restarts: number[] = [];

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
      const peer = { lastHeard: 0 };
      keepAlive.opened(peer, socket);
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
      const peer = { lastHeard: 1 };
      const other = {
        heard: 0,
        get lastHeard() {
          return ++this.heard;
        },
      };
      keepAlive.opened(peer, fake as unknown as WebSocket);
      keepAlive.opened(other, busy as unknown as WebSocket);
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
        keepAlive.opened({ lastHeard: 1 }, fake as unknown as WebSocket);
        assertEquals(keepAlive.idleTimeout, handed);
        // It is not watched: there would be a timer that nobody clears.
        assertEquals(fake.restarts, []);
      }),
  );
}

Deno.test("KeepAlive does without where the runtime shows nothing", () => {
  const keepAlive = new KeepAlive(30_000);
  const peer = { lastHeard: 0 };
  keepAlive.opened(peer, {} as WebSocket);
  assertEquals(keepAlive.idleTimeout, 30);
  keepAlive.closed(peer);
});
