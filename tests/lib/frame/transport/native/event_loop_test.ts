import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { EventLoop } from "../../../../../lib/frame/transport/native/event_loop.ts";
import { retainScheduler } from "../../../../../lib/scheduling/scheduler.ts";
import { acceptNative } from "../../../../../lib/frame/transport/native/native_acceptor.ts";
import { repeated } from "../../../../integration/support/within.ts";
import { NativePort, nativeTest, Served } from "./fixture.ts";
import type { Socket } from "../../../../../lib/frame/transport/socket.ts";

nativeTest("acceptNative() reports a port that is taken", async () => {
  await using port = new NativePort();
  const { hostname, port: taken } = port.addr;
  assertThrows(
    () => acceptNative({ hostname, port: taken }, () => {}),
    Deno.errors.AddrInUse,
  );
});

nativeTest("acceptNative() with reusePort shares the port", async () => {
  const at = { hostname: "127.0.0.1", reusePort: true };
  const sockets: Socket[] = [];
  const accepted = (socket: Socket) => void sockets.push(socket);
  const first = acceptNative({ ...at, port: 0 }, accepted);
  const second = acceptNative({ ...at, port: first.addr.port }, accepted);
  assertEquals(second.addr, first.addr);
  await Promise.all([first.close(), second.close()]);
  assertEquals(sockets, []);
});

nativeTest("an acceptor refuses connections once it is closed", async () => {
  const port = new NativePort();
  const { addr } = port;
  await port[Symbol.asyncDispose]();
  let error: unknown;
  try {
    (await Deno.connect(addr)).close();
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof Deno.errors.ConnectionRefused, `${error}`);
});

nativeTest(
  "open sockets go on when their acceptor is closed, and end its loop",
  async () => {
    const opened = Promise.withResolvers<Socket>();
    const hostname = "127.0.0.1";
    const acceptor = acceptNative({ hostname, port: 0 }, opened.resolve);
    const { port } = acceptor.addr;
    using client = await Deno.connect({ hostname, port });
    const served = new Served(await opened.promise);
    let hasEnded = false;
    const ended = acceptor.close().then(() => hasEnded = true);
    await client.write(Uint8Array.of(1, 2, 3));
    assertEquals(await served.read(), {
      kind: "arrived",
      bytes: Uint8Array.of(1, 2, 3),
    });
    assertEquals(hasEnded, false);
    served.socket.close();
    await ended;
  },
);

nativeTest(
  "timers and the runtime's sockets go on while native sockets are busy",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    const hostname = "127.0.0.1";
    const listener = Deno.listen({ hostname, port: 0 });
    let isOver = false;
    // One byte is always on its way, so that the native loop never rests.
    const echoes = (async () => {
      const buffer = new Uint8Array(1);
      let count = 0;
      for (; !isOver; count++) {
        await client.write(buffer);
        const event = await served.read();
        assertEquals(event.kind, "arrived");
      }
      return count;
    })();
    for (let i = 0; i < 20; i++) {
      const connecting = Deno.connect({ hostname, port: listener.addr.port });
      (await listener.accept()).close();
      (await connecting).close();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    isOver = true;
    assert(await echoes > 0);
    listener.close();
  },
);

nativeTest(
  "an error of one socket's user is reported, and the loop goes on",
  async () => {
    await using port = new NativePort();
    const first = await port.connect();
    const second = await port.connect();
    using _first = first.client;
    using _second = second.client;
    const reported = Promise.withResolvers<unknown>();
    const report = (event: ErrorEvent) => {
      event.preventDefault();
      reported.resolve(event.error);
    };
    addEventListener("error", report, { once: true });
    const fault = new Error("of the user");
    first.served.arrived = () => {
      throw fault;
    };
    first.served.socket.read(first.served.view);
    await first.client.write(Uint8Array.of(1));
    assertEquals(await reported.promise, fault);
    await second.client.write(Uint8Array.of(2));
    assertEquals(await second.served.read(), {
      kind: "arrived",
      bytes: Uint8Array.of(2),
    });
  },
);

nativeTest(
  "the runtime's sockets are polled between two slices while native sockets are busy",
  repeated(async () => {
    const release = retainScheduler();
    using resources = new DisposableStack();
    const hostname = "127.0.0.1";
    const listener = resources.use(Deno.listen({ hostname, port: 0 }));
    const connecting = Deno.connect({ hostname, port: listener.addr.port });
    const server = resources.use(await listener.accept());
    const client = resources.use(await connecting);
    const loop = new EventLoop();
    let slices = 0;
    let isOver = false;
    // Work that takes a slice each time, without an end.
    const work = {
      proceed() {
        slices++;
        for (const end = performance.now() + 1; performance.now() < end;);
        if (!isOver) loop.deferRest(work);
      },
    };
    loop.deferRest(work);
    const byte = new Uint8Array(1);
    const ROUND_TRIPS = 20;
    for (let i = 0; i < ROUND_TRIPS; i++) {
      await client.write(byte);
      await server.read(byte);
      await server.write(byte);
      await client.read(byte);
    }
    isOver = true;
    await loop.end();
    await release();
    // Without a poll between them, it is six slices for each round trip.
    assertLess(slices, 2 * ROUND_TRIPS);
  }),
);
