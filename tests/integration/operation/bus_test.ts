import { assert, assertEquals, assertMatch } from "@std/assert";
import type {
  SendCounts,
  SessionInfo,
  SessionList,
} from "../../../lib/sessions/remote_sessions.ts";
import { connect, type WsPeer } from "../support/client.ts";
import { RawPeer } from "../support/raw.ts";
import { type Redis, redisTest, startRedis } from "../support/redis_server.ts";
import { REDIS_START, type Server, startServer } from "../support/server.ts";
import { LISTENERS, showingLog } from "../support/suite.ts";
import { eventually } from "../support/within.ts";

const TOKEN = "operator-token";

/** An instance of the service, on a bus. */
async function startInstance(bus: string): Promise<Server> {
  const server = await startServer(
    {
      ADMIN_TOKEN: TOKEN,
      BUS: bus,
      MAX_PAYLOAD: "1MiB",
      SEND_BUFFER_LIMIT: "256KiB",
    },
    { listeners: LISTENERS.map(({ name }) => name), args: REDIS_START },
  );
  await server.logged("The bus is open");
  return server;
}

async function call(
  server: Server,
  method: string,
  path: string,
  body?: BodyInit,
  type = "text/plain",
): Promise<{ status: number; body: string }> {
  const { hostname, port } = server.address("edge");
  const response = await fetch(`http://${hostname}:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": type },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

async function list(server: Server): Promise<SessionList> {
  const { status, body } = await call(server, "GET", "/sessions");
  assertEquals(status, 200);
  return JSON.parse(body);
}

/** Waits until a list is complete and has so many sessions. */
async function sessionsOf(
  server: Server,
  count: number,
): Promise<readonly SessionInfo[]> {
  return await eventually(async () => {
    const { sessions, partial } = await list(server);
    return !partial && sessions.length === count ? sessions : undefined;
  }, `${count} sessions`);
}

/** A peer of an instance, and the id that it has there. */
async function join(
  server: Server,
  listener = "edge",
): Promise<WsPeer & { readonly id: string }> {
  const since = server.lines.length;
  const peer = await connect(server.url(listener, "/ws"));
  const line = await server.logged("Responding WS handshake to sock", since);
  return Object.assign(peer, { id: /sock (\S+)/.exec(line)![1]! });
}

/** Two instances that share a Redis; what they logged is in the error of a test that fails. */
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

redisTest("bus: a session is reached from any instance", async () => {
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
      assertEquals((await call(a, "POST", path, "€")).status, 202);
      assertEquals(await there.next(), "€");
      const bytes = Uint8Array.of(0, 255, 7);
      assertEquals((await call(a, "POST", path, bytes, "x/y")).status, 202);
      assertEquals(await there.next(), bytes);
      const long = new Uint8Array(2 ** 20).fill(7);
      assertEquals((await call(a, "POST", path, long, "x/y")).status, 202);
      assertEquals(await there.next(), long);

      const all = await call(b, "POST", "/sessions/messages", "all");
      assertEquals(
        JSON.parse(all.body) as SendCounts,
        { sent: 2, missed: 0, partial: false },
      );
      assertEquals([await here.next(), await there.next()], ["all", "all"]);

      const close = `/sessions/${there.id}?code=4001&reason=bye`;
      assertEquals((await call(a, "DELETE", close)).status, 202);
      assertEquals(await there.closed, { code: 4001, reason: "bye" });
      await sessionsOf(a, 1);
      assertEquals((await call(a, "DELETE", close)).status, 404);
      assertEquals((await call(a, "POST", path, "late")).status, 404);
    }
    for (const id of ["00000000-1", "nonsense", "*-1", "all-1"]) {
      assertEquals((await call(a, "DELETE", `/sessions/${id}`)).status, 404);
    }
  });
});

redisTest("bus: 409 comes from the session's instance", async () => {
  await withTwo(async (a, b) => {
    for (const { name } of LISTENERS) {
      const since = b.lines.length;
      using _peer = await RawPeer.upgrade(b.address(name), "/ws");
      const line = await b.logged("Responding WS handshake to sock", since);
      const path = `/sessions/${/sock (\S+)/.exec(line)![1]}/messages`;
      const message = new Uint8Array(128 * 1024);
      let answer = await call(a, "POST", path, message, "x/y");
      while (answer.status === 202) {
        answer = await call(a, "POST", path, message, "x/y");
      }
      assertEquals(answer.status, 409);
      assertMatch(answer.body, /buffer is full/);
    }
  });
});

redisTest(
  "bus: the sessions of an instance that is killed vanish",
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
        (await call(a, "DELETE", `/sessions/${there.id}`)).status,
        404,
      );
      here.send("undisturbed");
      assertEquals(await here.next(), "undisturbed");
    });
  },
);

redisTest("bus: an instance that shuts down says goodbye", async () => {
  await withTwo(async (a, b) => {
    await using there = await join(b);
    await sessionsOf(a, 1);
    b.signal("SIGTERM");
    assertEquals((await there.closed).code, 1001);
    assertEquals((await b.status).code, 0);
    assertEquals(await list(a), { sessions: [], partial: false });
    assertEquals(
      (await call(a, "DELETE", `/sessions/${there.id}`)).status,
      404,
    );
  });
});

redisTest(
  "bus: without Redis an instance answers for its own, and comes back by itself",
  async () => {
    await withTwo(async (a, b, redis) => {
      await using here = await join(a);
      await using there = await join(b);
      await sessionsOf(a, 2);
      await redis.kill();
      await a.logged("cannot be reached");

      const { sessions, partial } = await list(a);
      assertEquals([sessions.map(({ id }) => id), partial], [[here.id], true]);
      const path = (id: string) => `/sessions/${id}/messages`;
      assertEquals((await call(a, "POST", path(here.id), "x")).status, 202);
      assertEquals(await here.next(), "x");
      const other = await call(a, "POST", path(there.id), "x");
      assertEquals(other.status, 503);
      assertMatch(other.body, /does not answer/);
      const all = await call(a, "POST", "/sessions/messages", "all");
      assertEquals(
        JSON.parse(all.body),
        { sent: 1, missed: 0, partial: true },
      );
      assertEquals(await here.next(), "all");
      for (const peer of [here, there]) {
        peer.send("undisturbed");
        assertEquals(await peer.next(), "undisturbed");
      }

      const since = a.lines.length;
      await redis.restart();
      await a.logged("The bus is open", since);
      await sessionsOf(a, 2);
      assertEquals((await call(a, "POST", path(there.id), "y")).status, 202);
      assertEquals(await there.next(), "y");
      const lost = a.lines.filter((line) => line.includes("cannot be reached"));
      assertEquals(lost.length, 1, "a lost Redis is logged once");
    });
  },
);

redisTest(
  "bus: an instance starts without Redis, and finds it later",
  async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using a = await startServer(
      { ADMIN_TOKEN: TOKEN, BUS: redis.url },
      { args: REDIS_START },
    );
    await showingLog(a, async () => {
      await a.logged("cannot be reached");
      assertEquals(await list(a), { sessions: [], partial: true });
      await redis.restart();
      await a.logged("The bus is open");
      assertEquals((await list(a)).partial, false);
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
    `bus: a shutdown does not wait for a Redis that ${state}`,
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

redisTest("bus: the password of Redis is in no line of the log", async () => {
  await withTwo(async (a, b, redis) => {
    await redis.kill();
    for (const server of [a, b]) {
      await server.logged("cannot be reached");
      assertEquals(server.lines.filter((line) => line.includes("hush")), []);
    }
  }, "hush");
});
