import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { serve, type ServeOptions, type Server } from "../../../lib/mod.ts";
import { repeated } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { connectTo } from "./ws_client.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };

function start(options: Partial<ServeOptions> = {}): Promise<Server> {
  return serve({
    routes: {
      "/echo": { frame: (connection, frame) => connection.send(frame) },
    },
    host: "127.0.0.1",
    port: 0,
    ...options,
  });
}

for (const listener of ["edge", "frame"] as const) {
  const url = (server: Server) => `${server.urls[listener]}/echo`;

  testWith(
    NET,
    `${listener}: two servers have limits of their own`,
    async () => {
      await using small = await start({ maxConnections: 1, maxPayload: 4 });
      await using other = await start();
      await using one = await connectTo(url(small));
      await assertRejects(() => connectTo(url(small)));
      await using two = await connectTo(url(other));
      await using three = await connectTo(url(other));
      for (const client of [two, three]) {
        client.send("longer");
        assertEquals(await client.receive(), "longer");
      }
      one.send("longer");
      assertEquals(await one.closed, 1009);
    },
  );

  testWith(
    NET,
    `${listener}: two servers have rates of handshakes of their own`,
    async () => {
      await using slow = await start({ handshakeRate: 1 });
      await using other = await start();
      await using _first = await connectTo(url(slow));
      await assertRejects(() => connectTo(url(slow)));
      await using _second = await connectTo(url(other));
      await using _third = await connectTo(url(other));
    },
  );

  testWith(
    NET,
    `${listener}: two servers have metrics of their own`,
    async () => {
      await using busy = await start();
      await using idle = await start();
      await using client = await connectTo(url(busy));
      client.send("hello");
      await client.receive();
      const active = /^websocket_server_active_connections\{.*\} 1$/m;
      assertMatch(await busy.metrics(), active);
      assert(!active.test(await idle.metrics()));
      assertEquals((await idle.sessions.list()).sessions, []);
      assertEquals((await idle.sessions.broadcast("x")).sent, 0);
    },
  );

  testWith(
    NET,
    `${listener}: the shutdown of one server leaves the other as it is`,
    async () => {
      const gone = await start();
      await using other = await start();
      const lost = await connectTo(url(gone));
      await using client = await connectTo(url(other));
      assertEquals(await gone.shutdown(), { inTime: true, cutOff: 0 });
      assertEquals(await lost.closed, 1001);
      client.send("still here");
      assertEquals(await client.receive(), "still here");
      await using _late = await connectTo(url(other));
    },
  );
}

testWith(NET, "two servers have work queues of their own", async () => {
  await using stuck = await start();
  await using other = await start();
  const blocked = Promise.withResolvers<void>();
  stuck.queueWork(() => blocked.promise);
  assertMatch(await stuck.metrics(), /^websocket_server_work_queue_depth 1$/m);
  assertMatch(await other.metrics(), /^websocket_server_work_queue_depth 0$/m);
  // A shutdown waits for the work of its own queue only.
  assertEquals(await other.shutdown(), { inTime: true, cutOff: 0 });
  blocked.resolve();
});

testWith(NET, "two servers have routes of their own", async () => {
  await using one = await start();
  await using two = await start();
  one.routes.add("/late", { GET: () => new Response() });
  two.routes.remove("/echo");
  assertEquals(one.routes.paths, ["/echo", "/late"]);
  assertEquals(two.routes.paths, []);
});

testWith(
  NET,
  "a shutdown does not wait for input on another server",
  repeated(async () => {
    const quiet = await start();
    await using busy = await start();
    await using client = await connectTo(`${busy.urls.frame}/echo`);
    const talking = setInterval(() => client.send("x"), 1);
    const other = await connectTo(`${quiet.urls.frame}/echo`);
    const durationOf = async (server: Server) => {
      const since = performance.now();
      await server.shutdown();
      return performance.now() - since;
    };
    const quietTook = await durationOf(quiet);
    await other.closed;
    const busyTook = await durationOf(busy);
    clearInterval(talking);
    assert(quietTook < busyTook / 2, `${quietTook} ms and ${busyTook} ms`);
  }),
);

testWith(
  NET,
  "the memory of one server is no unexplained memory for the other",
  async () => {
    await using one = await start();
    await using two = await start();
    await using client = await connectTo(`${one.urls.frame}/echo`);
    client.send("hello");
    await client.receive();
    assert(one.memory.explained > 0);
    assertEquals(two.memory.explained, 0);
  },
);
