import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { ADMIN_TOKEN, callAdmin, sessionsOf } from "../support/admin.ts";
import { connect, type WsClient } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import {
  runToEnd,
  type Server,
  startServer,
  WORKERS_START,
} from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

/** Connections: enough that the system gives some to more than one thread. */
const MANY = 30;

/** Registers a test with a service of three worker threads. */
function workersTest(
  name: string,
  env: Record<string, string>,
  fn: (server: Server) => Promise<void>,
): void {
  testWith( // The system shares a port among threads on Linux only.
    { ...NEEDS, linux: true },
    `workers: ${name}`,
    async () => {
      await using server = await startAll(
        { WORKERS: "3", ADMIN_TOKEN, ...env },
        { args: WORKERS_START },
      );
      await showingLog(server, () => fn(server));
    },
  );
}

/** Opens connections; disposal closes them all. */
async function connectMany(
  url: string,
  count: number,
): Promise<AsyncDisposable & { readonly clients: readonly WsClient[] }> {
  await using stack = new AsyncDisposableStack();
  const clients: WsClient[] = [];
  for (let i = 0; i < count; i++) clients.push(stack.use(await connect(url)));
  const all = stack.move();
  return { clients, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function statusOf(server: Server, listener: string): Promise<number> {
  const answer = await exchange(server.address(listener), handshake("/ws"));
  return answer.status;
}

for (const { name } of LISTENERS) {
  workersTest(
    `${name} listener: the sessions of all threads are one list`,
    {},
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), MANY);
      const { clients } = many;
      const sessions = await sessionsOf(server, MANY);
      const instances = new Set(sessions.map(({ instance }) => instance));
      assert(instances.size > 1, "one thread has all connections");
      assert(instances.size <= 3, `${instances.size} threads`);
      assertEquals(new Set(sessions.map(({ id }) => id)).size, MANY);

      const all = await callAdmin(server, "POST", "/sessions/messages", {
        body: "all",
      });
      assertEquals(
        JSON.parse(all.body),
        { sent: MANY, missed: 0, partial: false },
      );
      for (const client of clients) assertEquals(await client.next(), "all");

      for (const { id } of sessions) {
        const path = `/sessions/${id}`;
        const sent = await callAdmin(server, "POST", `${path}/messages`, {
          body: id,
        });
        assertEquals(sent.status, 202);
        const { status } = await callAdmin(
          server,
          "DELETE",
          `${path}?code=4000`,
        );
        assertEquals(status, 202);
      }
      const received = await Promise.all(
        clients.map((client) => client.next()),
      );
      assertEquals(received.sort(), sessions.map(({ id }) => id).sort());
      for (const client of clients) {
        assertEquals((await client.closed).code, 4000);
      }
      await sessionsOf(server, 0);
      assertEquals(
        (await callAdmin(server, "DELETE", `/sessions/${sessions[0]!.id}`))
          .status,
        404,
      );
    },
  );

  workersTest(
    `${name} listener: MAX_CONNECTIONS counts all threads`,
    { MAX_CONNECTIONS: "10" },
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), 10);
      for (let i = 0; i < 10; i++) {
        assertEquals(await statusOf(server, name), 503);
      }
      await many.clients[0]![Symbol.asyncDispose]();
      await eventually(
        async () => await statusOf(server, name) === 101,
        "a free connection slot",
      );
    },
  );

  workersTest(
    `${name} listener: MAX_CONNECTIONS_PER_IP counts all threads`,
    { MAX_CONNECTIONS_PER_IP: "10" },
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), 10);
      for (let i = 0; i < 10; i++) {
        assertEquals(await statusOf(server, name), 429);
      }
      await many.clients[0]![Symbol.asyncDispose]();
      await eventually(
        async () => await statusOf(server, name) === 101,
        "a free connection slot",
      );
    },
  );

  workersTest(
    `${name} listener: a shutdown closes the connections of all threads and is logged once`,
    {},
    async (server) => {
      await using many = await connectMany(server.url(name, "/ws"), MANY);
      await sessionsOf(server, MANY);
      server.signal("SIGTERM");
      for (const client of many.clients) {
        assertEquals((await client.closed).code, 1001);
      }
      assertEquals((await server.status).code, 0);
      await server.logged("All connections are closed");
      const log = server.lines.join("\n");
      assertMatch(log, new RegExp(`shutting down ${MANY} connections`));
      for (
        const line of [
          "Starting server on port",
          "Registering URI handlers",
          "SIGTERM: shutting down",
          "All connections are closed",
        ]
      ) {
        assertEquals(log.split(line).length - 1, 1, `"${line}" in\n${log}`);
      }
    },
  );
}

workersTest(
  "HANDSHAKE_RATE counts all threads",
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
  "LRU_PURGE=on closes a connection of the thread that accepts a new one",
  { MAX_CONNECTIONS: "30", LRU_PURGE: "on" },
  async (server) => {
    const url = server.url("frame", "/ws");
    await using many = await connectMany(url, 30);
    await using another = await connect(url);
    const first = await Promise.any(
      many.clients.map((client) => client.closed),
    );
    assertEquals(first.code, 1013);
    another.send("echo");
    assertEquals(await another.next(), "echo");
    await sessionsOf(server, 30);
  },
);

workersTest(
  "the log lines of all threads count milliseconds from one start",
  {},
  async (server) => {
    await using _many = await connectMany(server.url("edge", "/ws"), MANY);
    const times = server.lines
      .map((line) => /^. \((\d+)\) /.exec(line)?.[1])
      .filter((time) => time !== undefined)
      .map(Number);
    // Lines that two threads write at the same time may be in either order.
    const late = times.filter((time, i) => time < (times[i - 1] ?? 0) - 1000);
    assertEquals(late, []);
  },
);

workersTest("the metrics are sums over all threads", {}, async (server) => {
  await using many = await connectMany(server.url("frame", "/ws"), MANY);
  for (const client of many.clients) {
    client.send("echo");
    assertEquals(await client.next(), "echo");
  }
  const labels = '{listener="frame",http_route="/ws"';
  for (let i = 0; i < 10; i++) {
    const { status, body } = await callAdmin(server, "GET", "/metrics");
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
    const answer = await callAdmin(server, "GET", "/console/figures.json");
    const { connections, messages } = JSON.parse(answer.body);
    assertEquals([connections, messages], [MANY, 2 * MANY]);
  }
});

testWith(
  NEEDS,
  "workers: the start fails when another process has the port",
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
  "workers: a start without the permissions for threads is refused",
  async () => {
    const { code, stderr } = await runToEnd({ WORKERS: "2" }, taskArguments());
    assertEquals(code, 1);
    assertEquals(stderr.length, 1, stderr.join("\n"));
    assertMatch(stderr[0], /WORKERS: .*start with `deno task start`/);
  },
);
