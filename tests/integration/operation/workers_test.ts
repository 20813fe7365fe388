import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type {
  SessionInfo,
  SessionList,
} from "../../../lib/sessions/remote_sessions.ts";
import { testWith } from "../../permissions.ts";
import { connect, type WsPeer } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import {
  runToEnd,
  type Server,
  startServer,
  WORKERS_START,
} from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

const TOKEN = "operator-token";

/** Connections of which the system gives some to each thread; all but certainly. */
const MANY = 30;

/** Registers a test with a service of three threads. */
function workersTest(
  name: string,
  env: Record<string, string>,
  fn: (server: Server) => Promise<void>,
): void {
  testWith(NEEDS, `workers: ${name}`, async () => {
    await using server = await startServer(
      { WORKERS: "3", ADMIN_TOKEN: TOKEN, ...env },
      {
        listeners: LISTENERS.map(({ name }) => name),
        args: WORKERS_START,
      },
    );
    await showingLog(server, () => fn(server));
  });
}

async function call(
  server: Server,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; body: string }> {
  const { hostname, port } = server.address("edge");
  const response = await fetch(`http://${hostname}:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "text/plain",
      // The next call is to be another thread's, maybe.
      connection: "close",
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

/** Waits until the list has so many sessions. */
async function sessionsOf(
  server: Server,
  count: number,
): Promise<readonly SessionInfo[]> {
  return await eventually(async () => {
    const { body } = await call(server, "GET", "/sessions");
    const { sessions, partial }: SessionList = JSON.parse(body);
    return !partial && sessions.length === count ? sessions : undefined;
  }, `${count} sessions`);
}

/** So many peers, closed together. */
async function connectMany(
  url: string,
  count: number,
): Promise<AsyncDisposable & { readonly peers: readonly WsPeer[] }> {
  await using stack = new AsyncDisposableStack();
  const peers: WsPeer[] = [];
  for (let i = 0; i < count; i++) peers.push(stack.use(await connect(url)));
  const all = stack.move();
  return { peers, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function statusOf(server: Server, listener: string): Promise<number> {
  const answer = await exchange(server.address(listener), handshake("/ws"));
  return answer.status;
}

for (const { name } of LISTENERS) {
  workersTest(
    `${name} listener: sessions are those of all`,
    {},
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), MANY);
      const { peers } = many;
      const sessions = await sessionsOf(server, MANY);
      const instances = new Set(sessions.map(({ instance }) => instance));
      assert(instances.size > 1, "the system has given all to one thread");
      assert(instances.size <= 3, `${instances.size} threads`);
      assertEquals(new Set(sessions.map(({ id }) => id)).size, MANY);

      const all = await call(server, "POST", "/sessions/messages", "all");
      assertEquals(
        JSON.parse(all.body),
        { sent: MANY, missed: 0, partial: false },
      );
      for (const peer of peers) assertEquals(await peer.next(), "all");

      for (const { id } of sessions) {
        const path = `/sessions/${id}`;
        const sent = await call(server, "POST", `${path}/messages`, id);
        assertEquals(sent.status, 202);
        const { status } = await call(server, "DELETE", `${path}?code=4000`);
        assertEquals(status, 202);
      }
      const received = await Promise.all(peers.map((peer) => peer.next()));
      assertEquals(received.sort(), sessions.map(({ id }) => id).sort());
      for (const peer of peers) assertEquals((await peer.closed).code, 4000);
      await sessionsOf(server, 0);
      assertEquals(
        (await call(server, "DELETE", `/sessions/${sessions[0]!.id}`)).status,
        404,
      );
    },
  );

  workersTest(
    `${name} listener: MAX_CONNECTIONS is for all together`,
    { MAX_CONNECTIONS: "10" },
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), 10);
      for (let i = 0; i < 10; i++) {
        assertEquals(await statusOf(server, name), 503);
      }
      await many.peers[0]![Symbol.asyncDispose]();
      await eventually(
        async () => await statusOf(server, name) === 101 || undefined,
        "a free place",
      );
    },
  );

  workersTest(
    `${name} listener: MAX_CONNECTIONS_PER_IP is for all together`,
    { MAX_CONNECTIONS_PER_IP: "10" },
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), 10);
      for (let i = 0; i < 10; i++) {
        assertEquals(await statusOf(server, name), 429);
      }
      await many.peers[0]![Symbol.asyncDispose]();
      await eventually(
        async () => await statusOf(server, name) === 101 || undefined,
        "a free place",
      );
    },
  );

  workersTest(
    `${name} listener: a shutdown closes everybody, and is one`,
    {},
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), MANY);
      await sessionsOf(server, MANY);
      server.signal("SIGTERM");
      for (const peer of many.peers) {
        assertEquals((await peer.closed).code, 1001);
      }
      assertEquals((await server.status).code, 0);
      await server.logged("All connections are closed");
      const log = server.lines.join("\n");
      assertMatch(log, new RegExp(`shutting down ${MANY} connections`));
      for (
        const line of [
          "Starting server on port",
          "Registering URI handlers",
          "shutting down",
          "All connections are closed",
        ]
      ) {
        assertEquals(log.split(line).length - 1, 1, `"${line}" in\n${log}`);
      }
    },
  );
}

workersTest(
  "HANDSHAKE_RATE is for all together",
  { HANDSHAKE_RATE: "10" },
  async (server) => {
    const start = performance.now();
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++) statuses.push(await statusOf(server, "edge"));
    const seconds = (performance.now() - start) / 1000;
    const admitted = statuses.filter((status) => status === 101).length;
    assert(admitted >= 10, `${admitted} admitted`);
    assert(admitted <= 11 + 10 * seconds, `${admitted} in ${seconds} s`);
    assertEquals(
      statuses.filter((status) => status === 429).length,
      40 - admitted,
    );
  },
);

workersTest(
  "LRU_PURGE=on makes room in the thread of the newcomer",
  { MAX_CONNECTIONS: "30", LRU_PURGE: "on" },
  async (server) => {
    const url = server.url("frame", "/ws");
    await using many = await connectMany(url, 30);
    await using newcomer = await connect(url);
    const first = await Promise.any(many.peers.map((peer) => peer.closed));
    assertEquals(first.code, 1013);
    newcomer.send("in");
    assertEquals(await newcomer.next(), "in");
    await sessionsOf(server, 30);
  },
);

workersTest("lines of all threads count from one start", {}, async (server) => {
  await using _many = await connectMany(server.url("edge", "/ws"), MANY);
  const times = server.lines
    .map((line) => /^. \((\d+)\) /.exec(line)?.[1])
    .filter((time) => time !== undefined)
    .map(Number);
  // What two threads write at the same time may stand in either order.
  const late = times.filter((time, i) => time < (times[i - 1] ?? 0) - 1000);
  assertEquals(late, []);
});

workersTest("the metrics are those of all threads", {}, async (server) => {
  await using many = await connectMany(server.url("frame", "/ws"), MANY);
  for (const peer of many.peers) {
    peer.send("echo");
    assertEquals(await peer.next(), "echo");
  }
  const labels = '{listener="frame",http_route="/ws"';
  for (let i = 0; i < 10; i++) {
    const { status, body } = await call(server, "GET", "/metrics");
    assertEquals(status, 200);
    for (
      const sample of [
        `websocket_server_active_connections${labels}} ${MANY}`,
        `websocket_server_messages_total${labels},network_io_direction="receive"} ${MANY}`,
        `websocket_server_messages_total${labels},network_io_direction="transmit"} ${MANY}`,
      ]
    ) {
      assert(body.includes(`\n${sample}\n`), `${sample} in\n${body}`);
    }
    assertEquals(body.split("# TYPE process_uptime_seconds").length, 2);
    const answer = await call(server, "GET", "/console/figures.json");
    const { connections, messages } = JSON.parse(answer.body);
    assertEquals([connections, messages], [MANY, 2 * MANY]);
  }
});

testWith(
  NEEDS,
  "workers: a port of another process is not shared",
  async () => {
    await using server = await startServer(
      { WORKERS: "2" },
      { args: WORKERS_START },
    );
    const { port } = server.address("edge");
    await assertRejects(
      () =>
        startServer(
          { WORKERS: "2", PORT: String(port) },
          { args: WORKERS_START },
        ),
      Error,
      "is in use",
    );
  },
);

testWith(
  NEEDS,
  "workers: start cannot have them, and says what can",
  async () => {
    const { code, stderr } = await runToEnd({ WORKERS: "2" });
    assertEquals(code, 1);
    assertEquals(stderr.length, 1, stderr.join("\n"));
    assertMatch(stderr[0], /WORKERS: .*start:workers/);
  },
);
