import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SendCounts } from "../../../lib/sessions/remote_sessions.ts";
import {
  ADMIN_TOKEN,
  callAdmin,
  listSessions,
  sessionsOf,
} from "../support/admin.ts";
import { connect, type WsClient } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { type Redis, redisTest, startRedis } from "../support/redis_server.ts";
import { REDIS_START, type Server, startServer } from "../support/server.ts";
import { taskArguments } from "../../task_arguments.ts";
import { LISTENERS, showingLog, startAll } from "../support/suite.ts";
import { eventually } from "../support/within.ts";

/** Starts an instance of the service on a bus. */
async function startInstance(bus: string): Promise<Server> {
  const server = await startAll({
    ADMIN_TOKEN,
    BUS: bus,
    MAX_PAYLOAD: "1MiB",
    SEND_BUFFER_LIMIT: "256KiB",
  }, { args: REDIS_START });
  await server.logged("The bus is open");
  return server;
}

/** Connects to an instance; the client has the session's id. */
async function join(
  server: Server,
  listener = "edge",
): Promise<WsClient & { readonly id: string }> {
  const since = server.lines.length;
  const client = await connect(server.url(listener, "/ws"));
  const line = await server.logged("Responding WS handshake to sock", since);
  return Object.assign(client, { id: /sock (\S+)/.exec(line)![1]! });
}

/** Runs a test with two instances on one Redis server; its error has their log. */
async function withTwo(
  fn: (
    a: Server,
    b: Server,
    redis: Redis,
  ) => Promise<void>,
  password?: string,
): Promise<void> {
  await using redis = await startRedis(password);
  await using a = await startInstance(redis.url);
  await using b = await startInstance(redis.url);
  await showingLog(a, () => showingLog(b, () => fn(a, b, redis)));
}

redisTest("bus: a session is reachable from each instance", async () => {
  await withTwo(async (a, b) => {
    for (const { name } of LISTENERS) {
      await using here = await join(a, name);
      await using there = await join(b, name);

      const sessions = await sessionsOf(a, 2);
      assertEquals(
        sessions.map(({ id }) => id).sort(),
        [here.id, there.id].sort(),
      );
      for (const { id, instance, listener } of sessions) {
        assert(id.startsWith(`${instance}-`), id);
        assertEquals(listener, name);
      }
      assertEquals(new Set(sessions.map(({ instance }) => instance)).size, 2);

      const path = `/sessions/${there.id}/messages`;
      assertEquals(
        (await callAdmin(a, "POST", path, { body: "€" })).status,
        202,
      );
      assertEquals(await there.next(), "€");
      const bytes = Uint8Array.of(0, 255, 7);
      assertEquals(
        (await callAdmin(a, "POST", path, { body: bytes, type: "x/y" })).status,
        202,
      );
      assertEquals(await there.next(), bytes);
      const long = new Uint8Array(2 ** 20).fill(7);
      assertEquals(
        (await callAdmin(a, "POST", path, { body: long, type: "x/y" })).status,
        202,
      );
      assertEquals(await there.next(), long);

      const all = await callAdmin(b, "POST", "/sessions/messages", {
        body: "all",
      });
      assertEquals(
        JSON.parse(all.body) as SendCounts,
        { sent: 2, missed: 0, partial: false },
      );
      assertEquals([await here.next(), await there.next()], ["all", "all"]);

      const close = `/sessions/${there.id}?code=4001&reason=bye`;
      assertEquals((await callAdmin(a, "DELETE", close)).status, 202);
      assertEquals(await there.closed, { code: 4001, reason: "bye" });
      await sessionsOf(a, 1);
      assertEquals((await callAdmin(a, "DELETE", close)).status, 404);
      assertEquals(
        (await callAdmin(a, "POST", path, { body: "late" })).status,
        404,
      );
    }
    for (const id of ["00000000-1", "nonsense", "*-1", "all-1"]) {
      assertEquals(
        (await callAdmin(a, "DELETE", `/sessions/${id}`)).status,
        404,
      );
    }
  });
});

redisTest(
  "bus: a message to a full session on the other instance is answered with 409",
  async () => {
    await withTwo(async (a, b) => {
      for (const { name } of LISTENERS) {
        const since = b.lines.length;
        using _client = await RawClient.upgrade(b.address(name), "/ws");
        const line = await b.logged("Responding WS handshake to sock", since);
        const path = `/sessions/${/sock (\S+)/.exec(line)![1]}/messages`;
        const message = new Uint8Array(128 * 1024);
        let answer = await callAdmin(a, "POST", path, {
          body: message,
          type: "x/y",
        });
        while (answer.status === 202) {
          answer = await callAdmin(a, "POST", path, {
            body: message,
            type: "x/y",
          });
        }
        assertEquals(answer.status, 409);
        assertMatch(answer.body, /buffer is full/);
      }
    });
  },
);

redisTest(
  "bus: the sessions of an instance disappear when it is killed",
  async () => {
    await withTwo(async (a, b) => {
      await using here = await join(a);
      await using there = await join(b);
      await sessionsOf(a, 2);
      b.signal("SIGKILL");
      await b.status;
      const [left] = await sessionsOf(a, 1);
      assertEquals(left!.id, here.id);
      assertEquals(
        (await callAdmin(a, "DELETE", `/sessions/${there.id}`)).status,
        404,
      );
      here.send("undisturbed");
      assertEquals(await here.next(), "undisturbed");
    });
  },
);

redisTest(
  "bus: the sessions of an instance disappear at once when it shuts down",
  async () => {
    await withTwo(async (a, b) => {
      await using there = await join(b);
      await sessionsOf(a, 1);
      b.signal("SIGTERM");
      assertEquals((await there.closed).code, 1001);
      assertEquals((await b.status).code, 0);
      assertEquals(await listSessions(a), { sessions: [], partial: false });
      assertEquals(
        (await callAdmin(a, "DELETE", `/sessions/${there.id}`)).status,
        404,
      );
    });
  },
);

redisTest(
  "bus: an instance serves its own sessions without Redis, and reconnects by itself",
  async () => {
    await withTwo(async (a, b, redis) => {
      await using here = await join(a);
      await using there = await join(b);
      await sessionsOf(a, 2);
      await redis.kill();
      await a.logged("cannot be reached");

      const { sessions, partial } = await listSessions(a);
      assertEquals([sessions.map(({ id }) => id), partial], [[here.id], true]);
      const path = (id: string) => `/sessions/${id}/messages`;
      assertEquals(
        (await callAdmin(a, "POST", path(here.id), { body: "x" })).status,
        202,
      );
      assertEquals(await here.next(), "x");
      const other = await callAdmin(a, "POST", path(there.id), { body: "x" });
      assertEquals(other.status, 503);
      assertMatch(other.body, /does not answer/);
      const all = await callAdmin(a, "POST", "/sessions/messages", {
        body: "all",
      });
      assertEquals(
        JSON.parse(all.body),
        { sent: 1, missed: 0, partial: true },
      );
      assertEquals(await here.next(), "all");
      for (const client of [here, there]) {
        client.send("undisturbed");
        assertEquals(await client.next(), "undisturbed");
      }

      const since = a.lines.length;
      await redis.restart();
      await a.logged("The bus is open", since);
      await sessionsOf(a, 2);
      assertEquals(
        (await callAdmin(a, "POST", path(there.id), { body: "y" })).status,
        202,
      );
      assertEquals(await there.next(), "y");
      const lost = a.lines.filter((line) => line.includes("cannot be reached"));
      assertEquals(lost.length, 1, "a lost Redis is logged once");
    });
  },
);

redisTest(
  "bus: an instance starts without Redis and connects later",
  async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using a = await startServer(
      { ADMIN_TOKEN, BUS: redis.url },
      { args: REDIS_START },
    );
    await showingLog(a, async () => {
      await a.logged("cannot be reached");
      assertEquals(await listSessions(a), { sessions: [], partial: true });
      await redis.restart();
      await a.logged("The bus is open");
      assertEquals((await listSessions(a)).partial, false);
      a.signal("SIGTERM");
      assertEquals((await a.status).code, 0);
    });
  },
);

for (
  const [state, fail] of [
    ["was lost", (redis: Redis) => redis.kill()],
    ["hangs", (redis: Redis) => redis.hang()],
  ] as const
) {
  redisTest(
    `bus: a shutdown does not wait when Redis ${state}`,
    async () => {
      await using redis = await startRedis();
      await using a = await startInstance(redis.url);
      await fail(redis);
      a.signal("SIGTERM");
      await a.logged("All connections are closed");
      assertEquals((await a.status).code, 0);
    },
  );
}

redisTest("bus: the log never has the password of Redis", async () => {
  await withTwo(async (a, b, redis) => {
    await redis.kill();
    for (const server of [a, b]) {
      await server.logged("cannot be reached");
      assertEquals(server.lines.filter((line) => line.includes("hush")), []);
    }
  }, "hush");
});

redisTest(
  "bus: WORKERS starts threads, whose sessions each instance reaches",
  async () => {
    await using redis = await startRedis();
    const env = { ADMIN_TOKEN, BUS: redis.url, WORKERS: "2" };
    const args = taskArguments(env);
    await using threads = await startAll(env, { args });
    await using other = await startInstance(redis.url);
    await showingLog(threads, async () => {
      await threads.logged("2 threads share the ports");
      await using _client = await connect(threads.url("edge", "/ws"));
      await sessionsOf(other, 1);
    });
  },
);

redisTest(
  "bus: WORKERS logs once that the bus is open, before the startup message",
  async () => {
    await using redis = await startRedis();
    const env = {
      ADMIN_TOKEN,
      BUS: redis.url,
      WORKERS: "4",
      LOG_LEVEL: "INFO",
    };
    const args = taskArguments(env);
    await using threads = await startAll(env, { args });
    await using other = await startInstance(redis.url);
    await threads.logged("4 threads share the ports");
    await using _client = await connect(threads.url("edge", "/ws"));
    await sessionsOf(other, 1);
    const lines = threads.lines.filter((line) =>
      /The bus is open|threads share the ports/.test(line)
    );
    assertEquals(lines.map((line) => line.includes("bus")), [true, false]);
    await redis.kill();
    await threads.logged("cannot be reached");
    await eventually(
      async () => (await listSessions(threads)).partial,
      "the loss of Redis in each thread",
    );
    const lost = threads.lines.filter((line) =>
      line.includes("cannot be reached")
    );
    assertEquals(lost.length, 1);
  },
);
