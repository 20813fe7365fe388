import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Connection,
  type DrainOptions,
  DuplicateRouteError,
  type HttpHandler,
  OptionsError,
  RouteError,
  serve,
  type ServeOptions,
  type Server,
  StartError,
  TlsError,
  UnknownRouteError,
  type WebSocketHandler,
} from "../../../lib/mod.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { frame, OPCODE } from "../../integration/support/wire.ts";
import { testWith } from "../../permissions.ts";
import { connectTo } from "./ws_client.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };

const echo: WebSocketHandler = {
  frame: (connection, frame) => connection.send(frame),
};

/** Starts a server on free ports of loopback. */
function start(options: Partial<ServeOptions> = {}): Promise<Server> {
  const routes = { "/echo": echo };
  return serve({ routes, host: "127.0.0.1", port: 0, ...options });
}

/** Whether an HTTP request for a path is found. */
async function statusOf(server: Server, path: string): Promise<number> {
  const response = await fetch(server.urls.http + path);
  await response.body?.cancel();
  return response.status;
}

testWith(NET, "serve() serves a route on both listeners", async () => {
  await using server = await start();
  for (const url of [server.urls.edge, server.urls.frame]) {
    await using client = await connectTo(`${url}/echo`);
    client.send("hello");
    assertEquals(await client.receive(), "hello");
  }
});

testWith(NET, "serve() tells the ports that were taken", async () => {
  await using server = await start();
  const { edge, frame } = server.addresses;
  assertEquals(edge.hostname, "127.0.0.1");
  assert(edge.port > 0 && frame!.port > 0 && edge.port !== frame!.port);
  assertEquals(server.urls, {
    edge: `ws://127.0.0.1:${edge.port}`,
    frame: `ws://127.0.0.1:${frame!.port}`,
    http: `http://127.0.0.1:${edge.port}`,
  });
  assertEquals(server.listeners, [
    { name: "edge", port: edge.port },
    { name: "frame", port: frame!.port },
  ]);
});

testWith(NET, "serve() leaves the frame listener off on request", async () => {
  await using server = await start({ framePort: false });
  assertEquals(server.urls.frame, undefined);
  assertEquals(server.addresses.frame, undefined);
});

testWith(NET, "serve() makes the routes from the server's parts", async () => {
  await using server = await start({
    routes: async ({ listeners, isDraining }) => {
      await Promise.resolve();
      const info: HttpHandler = () =>
        Response.json([listeners().length, isDraining()]);
      return { "/info": { GET: info } };
    },
  });
  const response = await fetch(`${server.urls.http}/info`);
  assertEquals(await response.json(), [2, false]);
});

testWith(NET, "serve() throws for options that are not valid", async () => {
  for (
    const [option, options] of [
      ["routes", { routes: undefined }],
      ["routes", { routes: null }],
      ["maxPayload", { maxPayload: 0 }],
      ["maxpayload", { maxpayload: 1 }],
      ["onConnection", { onConnection: 1 }],
      ["errors", { errors: { 200: () => new Response() } }],
      ["errors", { errors: { 404: "none" } }],
      ["workerModule", { workers: 2 }],
      ["workerModule", { workers: 2, workerModule: "main.ts" }],
      ["workerModule", { workerModule: Symbol("main.ts") }],
      ["workers", { workers: Symbol("2") }],
      ["workers", { workers: 1.5 }],
    ] as const
  ) {
    const error = await assertRejects(
      () => start(options as unknown as ServeOptions),
      OptionsError,
    );
    assertEquals(error.option, option);
  }
});

testWith(NET, "drain() refuses options of another type", async () => {
  await using server = await start();
  for (const options of [null, 1, "10"]) {
    const drain = () => server.drain(options as unknown as DrainOptions);
    assertThrows(drain, TypeError, "options is ");
  }
  assertEquals(server.isDraining, false);
});

testWith(
  NET,
  "serve() throws for a port in use, and opens no other",
  async () => {
    await using server = await start();
    const { edge, frame } = server.addresses;
    const error = await assertRejects(
      () => start({ port: edge.port }),
      StartError,
    );
    assertStringIncludes(error.message, `port=${edge.port} is in use`);
    assert(error.cause instanceof Deno.errors.AddrInUse);
    // The edge listener of this one was open.
    await assertRejects(() => start({ framePort: frame!.port }), StartError);
  },
);

testWith(
  { ...NET, linux: true },
  "serve() with native sockets and without their permission rejects, and names the option and the variable",
  {
    permissions: { net: ["127.0.0.1"], ffi: false },
    fn: async () => {
      const error = await assertRejects(
        () => start({ sockets: "native" }),
        StartError,
      );
      const fault =
        "native: needs --allow-ffi, which `SOCKETS=native deno task start` gives";
      assertEquals(error.message, `sockets=${fault}`);
      assertEquals(error.variableMessage, `SOCKETS=${fault}`);
    },
  },
);

testWith(NET, "serve() throws for a router map that is not valid", async () => {
  const routes = { echo };
  const error = await assertRejects(() => start({ routes }), StartError);
  assert(error.cause instanceof RouteError);
});

testWith(
  { ...NET, read: true },
  "serve() throws for a certificate that does not exist",
  async () => {
    const tls = { cert: "/nowhere/cert.pem" };
    await assertRejects(
      () => start({ tls }),
      TlsError,
      "tls.cert: /nowhere/cert.pem does not exist",
    );
  },
);

testWith(NET, "routes.add() adds a route at run time", async () => {
  await using server = await start();
  assertEquals(await statusOf(server, "/late"), 404);
  server.routes.add("/late", { GET: () => new Response("here") });
  server.routes.add("/shout", {
    frame: (connection, frame) => connection.send(frame.text().toUpperCase()),
  });
  assertEquals(await statusOf(server, "/late"), 200);
  await using client = await connectTo(`${server.urls.frame}/shout`);
  client.send("hello");
  assertEquals(await client.receive(), "HELLO");
  assertEquals(server.routes.paths, ["/echo", "/late", "/shout"]);
});

testWith(NET, "routes.add() limits the messages of a new route", async () => {
  await using server = await start({ messageRate: 1 });
  server.routes.add("/late", echo);
  await using client = await connectTo(`${server.urls.edge}/late`);
  for (let message = 0; message < 3; message++) client.send("x");
  assertEquals(await client.closed, 1008);
});

testWith(
  NET,
  "routes.remove() removes a route, and connections stay",
  async () => {
    await using server = await start();
    await using client = await connectTo(`${server.urls.frame}/echo`);
    server.routes.remove("/echo");
    client.send("hello");
    assertEquals(await client.receive(), "hello");
    await assertRejects(() => connectTo(`${server.urls.frame}/echo`));
  },
);

testWith(NET, "errors replaces the response to a refused request", async () => {
  await using server = await start({
    errors: { 404: (_, { status }) => new Response("nothing", { status }) },
  });
  const response = await fetch(`${server.urls.http}/none`);
  assertEquals([response.status, await response.text()], [404, "nothing"]);
});

testWith(NET, "a route may have a pattern", async () => {
  await using server = await start({ routes: { "/rooms/:name": echo } });
  server.routes.add("/users/:name", {
    frame: (connection) => connection.send(connection.params.name!),
  });
  await using client = await connectTo(`${server.urls.frame}/users/ada`);
  client.send("?");
  assertEquals(await client.receive(), "ada");
});

testWith(NET, "routes has named errors", async () => {
  await using server = await start();
  assertThrows(() => server.routes.add("/echo", echo), DuplicateRouteError);
  assertThrows(() => server.routes.add("echo", echo), RouteError);
  assertThrows(() => server.routes.add("/:a/:a", echo), RouteError);
  assertThrows(() => server.routes.remove("/none"), UnknownRouteError);
});

testWith(NET, "sessions lists, finds and closes connections", async () => {
  await using server = await start();
  await using client = await connectTo(`${server.urls.frame}/echo`);
  const { sessions, partial } = await server.sessions.list();
  assertEquals([sessions.length, partial], [1, false]);
  const { id, route } = sessions[0]!;
  assertEquals(route, "/echo");
  assertEquals(server.sessions.get(id)?.path, "/echo");
  assertEquals(server.sessions.size, 1);
  assertEquals(await server.sessions.close(id, 4000, "enough"), "closing");
  assertEquals(await client.closed, 4000);
  assertEquals(await server.sessions.close("none-1"), "gone");
});

testWith(NET, "sessions.send() says what became of a message", async () => {
  await using server = await start();
  await using client = await connectTo(`${server.urls.edge}/echo`);
  const { sessions: [session] } = await server.sessions.list();
  assertEquals(await server.sessions.send(session!.id, "news"), "sent");
  assertEquals(await client.receive(), "news");
  assertEquals(await server.sessions.send("none-1", "news"), "gone");
});

testWith(
  NET,
  "sessions.broadcast() sends to all, or to those of a route",
  async () => {
    await using server = await start({
      routes: { "/echo": echo, "/other": echo },
    });
    await using one = await connectTo(`${server.urls.edge}/echo`);
    await using two = await connectTo(`${server.urls.frame}/other`);
    assertEquals(
      await server.sessions.broadcast("all"),
      { sent: 2, missed: 0, partial: false },
    );
    const { sent } = await server.sessions.broadcast("one", {
      route: "/other",
    });
    assertEquals(sent, 1);
    assertEquals([await one.receive(), await two.receive()], ["all", "all"]);
    assertEquals(await two.receive(), "one");
  },
);

testWith(
  NET,
  "sessions.broadcast() sends to one path of a pattern",
  async () => {
    await using server = await start({ routes: { "/rooms/:name": echo } });
    await using a = await connectTo(`${server.urls.edge}/rooms/a`);
    await using b = await connectTo(`${server.urls.frame}/rooms/b`);
    const broadcast = (path: string) =>
      server.sessions.broadcast(path, { path });
    assertEquals((await broadcast("/rooms/a")).sent, 1);
    assertEquals((await broadcast("/rooms/b")).sent, 1);
    assertEquals((await broadcast("/rooms/c")).sent, 0);
    assertEquals([await a.receive(), await b.receive()], [
      "/rooms/a",
      "/rooms/b",
    ]);
  },
);

testWith(
  NET,
  "queueWork() runs work without a connection, in order",
  async () => {
    await using server = await start();
    const done: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    server.queueWork(() => void done.push("first"));
    server.queueWork(() => {
      throw new Error("has no other effect");
    });
    server.queueWork(() => {
      done.push("second");
      resolve();
    });
    done.push("before");
    await promise;
    assertEquals(done, ["before", "first", "second"]);
  },
);

testWith(
  NET,
  "metrics() has the connections in Prometheus' format",
  async () => {
    await using server = await start();
    await using _client = await connectTo(`${server.urls.frame}/echo`);
    assertMatch(
      await server.metrics(),
      /^websocket_server_active_connections\{listener="frame",http_route="\/echo"\} 1$/m,
    );
  },
);

testWith(
  NET,
  "onConnection and onDisconnection see every connection",
  async () => {
    const events: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    await using server = await start({
      onConnection: ({ id, path }: Connection) => {
        events.push(["opened", id, path]);
        throw new Error("an error of a hook is logged");
      },
      onDisconnection: ({ id }, { code }) => {
        events.push(["closed", id, code]);
        ended.resolve();
      },
    });
    const client = await connectTo(`${server.urls.frame}/echo`);
    const { sessions: [session] } = await server.sessions.list();
    client.send("still served");
    assertEquals(await client.receive(), "still served");
    await server.sessions.close(session!.id, 4001);
    await client.closed;
    await ended.promise;
    assertEquals(events, [
      ["opened", session!.id, "/echo"],
      ["closed", session!.id, 4001],
    ]);
  },
);

testWith(NET, "shutdown() closes with 1001, once", async () => {
  const server = await start();
  const client = await connectTo(`${server.urls.edge}/echo`);
  const first = server.shutdown();
  assertEquals(server.shutdown(), first);
  assert(server.isDraining);
  assertEquals(await first, { inTime: true, cutOff: 0 });
  assertEquals(await client.closed, 1001);
});

testWith(NET, "shutdown() checks its timeout", async () => {
  await using server = await start();
  for (const timeout of [-1, NaN, Infinity, 86_400_001]) {
    assertThrows(
      () => server.shutdown({ timeout }),
      RangeError,
      `timeout is ${timeout}; allowed: milliseconds from 0 to 86400000`,
    );
  }
  const shutdown = server.shutdown.bind(server) as (options: unknown) => void;
  for (const options of [null, 5, { timeout: "5" }, { timeout: null }]) {
    assertThrows(() => shutdown(options), TypeError, "allowed: ");
  }
  assertEquals(server.isDraining, false);
});

testWith(NET, "shutdown() with a timeout of 1 ms is allowed", async () => {
  const server = await start();
  assertEquals((await server.shutdown({ timeout: 1 })).cutOff, 0);
});

for (const listener of ["edge", "frame"] as const) {
  testWith(
    NET,
    `shutdown() with a timeout of 0 ends connections of the ${listener} listener at once`,
    async () => {
      const server = await start({ closeTimeout: 60_000 });
      await using client = await connectTo(`${server.urls[listener]}/echo`);
      const startedAt = performance.now();
      assertEquals(
        await server.shutdown({ timeout: 0 }),
        { inTime: false, cutOff: 1 },
      );
      assert(performance.now() - startedAt < 30_000);
      assertNotEquals(await client.closed, 1001);
    },
  );
}

for (const listener of ["edge", "frame"] as const) {
  testWith(
    NET,
    `shutdown() ends a connection of the ${listener} listener that does not close in time`,
    async () => {
      const server = await start();
      const { edge, frame } = server.addresses;
      const { port } = listener === "edge" ? edge : frame!;
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(new TextEncoder().encode(
        `GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n` +
          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      ));
      const buffer = new Uint8Array(4096);
      await conn.read(buffer);
      assertEquals(
        await server.shutdown({ timeout: 100 }),
        { inTime: false, cutOff: 1 },
      );
      // The CLOSE, then the end.
      while (await conn.read(buffer).catch(() => null) !== null);
    },
  );
}

for (const listener of ["edge", "frame"] as const) {
  testWith(
    NET,
    `shutdown() answers a message that has arrived on the ${listener} listener before the process is stopped for a time`,
    async () => {
      await using server = await start();
      const { edge, frame: frames } = server.addresses;
      const { port } = listener === "edge" ? edge : frames!;
      const address = { hostname: "127.0.0.1", port };
      using client = await RawClient.upgrade(address, "/echo");
      await client.write(frame(OPCODE.text, "first"));
      const done = server.shutdown();
      // As on a busy machine: the timer of the shutdown is due before the next read.
      for (const end = performance.now() + 100; performance.now() < end;);
      assertEquals(await client.text(), "first");
      client[Symbol.dispose]();
      await done;
    },
  );
}

testWith(
  NET,
  "shutdown() ends an HTTP request that is not answered in time",
  async () => {
    const asked = Promise.withResolvers<void>();
    const never: HttpHandler = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const server = await start({ routes: { "/never": { GET: never } } });
    const response = fetch(`${server.urls.http}/never`);
    await asked.promise;
    const { inTime } = await server.shutdown({ timeout: 100 });
    assertEquals(inTime, false);
    const answered = await response;
    assertEquals([answered.status, await answered.text()], [503, ""]);
  },
);

/** Calls of a program without types: the value for `serve()`, and the error's option. */
const UNTYPED: readonly (readonly [unknown, string])[] = [
  [undefined, "options"],
  [null, "options"],
  [5, "options"],
  [{}, "routes"],
  [{ routes: null }, "routes"],
  [{ routes: [] }, "routes"],
  [{ routes: new Map() }, "routes"],
  [{ routes: () => null, port: 0, host: "127.0.0.1" }, "routes"],
  [{ routes: () => [], port: 0, host: "127.0.0.1" }, "routes"],
];

for (const [options, option] of UNTYPED) {
  testWith(NET, `serve(${Deno.inspect(options)}) names its fault`, async () => {
    const error = await assertRejects(
      () => serve(options as ServeOptions),
      OptionsError,
    );
    assertEquals(error.option, option);
  });
}

testWith(
  NET,
  "a server's methods name an argument of another type",
  async () => {
    await using server = await start();
    const { sessions, routes } = server as unknown as Record<
      "sessions" | "routes",
      Record<string, (...values: unknown[]) => unknown>
    >;
    for (
      const [call, message] of [
        [() => sessions.broadcast!(5), "message is 5"],
        [() => sessions.broadcast!("x", "/echo"), 'target is "/echo"'],
        [() => sessions.send!(5, "x"), "id is 5"],
        [() => sessions.send!("a-1", {}), "message is an object"],
        [() => sessions.close!("a-1", "1000"), 'code is "1000"'],
        [() => sessions.close!("a-1", 1000, 5), "reason is 5"],
      ] as const
    ) {
      await assertRejects(async () => await call(), TypeError, message);
    }
    const queueWork = server.queueWork.bind(server) as (work: unknown) => void;
    assertThrows(
      () => queueWork(5),
      TypeError,
      "work is 5; allowed: a function",
    );
    for (const path of [5, undefined, null]) {
      assertThrows(
        () => routes.add!(path, echo),
        RouteError,
        `route "${path}"`,
      );
    }
  },
);

testWith(NET, "a disposed server has released its ports", async () => {
  let port: number;
  {
    await using server = await start({ framePort: false });
    port = server.addresses.edge.port;
  }
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});
