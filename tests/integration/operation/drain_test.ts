import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { ADMIN_TOKEN, callAdmin, sessionsOf } from "../support/admin.ts";
import { connect, type WsClient } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import { type Server, WORKERS_START } from "../support/server.ts";
import {
  LISTENERS,
  NEEDS,
  serverTest,
  showingLog,
  signalTest,
  startAll,
} from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { within } from "../support/within.ts";

/** Opens connections on both listeners. */
async function connectAll(server: Server, count: number): Promise<WsClient[]> {
  const urls = LISTENERS.map(({ name }) => server.url(name, "/ws"));
  return await Promise.all(
    Array.from({ length: count }, (_, i) => connect(urls[i % 2]!)),
  );
}

async function statusOf(
  server: Server,
  listener: string,
  head: string,
): Promise<number> {
  return (await exchange(server.address(listener), head)).status;
}

/** Milliseconds until each client is closed with a code. */
async function closeTimes(
  clients: readonly WsClient[],
  code: number,
): Promise<number[]> {
  const start = performance.now();
  const times = await Promise.all(clients.map(async (client) => {
    const event = await within(client.closed, "a CLOSE");
    assertEquals(event.code, code);
    return performance.now() - start;
  }));
  return times.sort((one, other) => one - other);
}

signalTest(
  "POST /drain closes clients over its time with 1012, and refuses handshakes",
  { ADMIN_TOKEN },
  async (server) => {
    const clients = await connectAll(server, 10);
    const closed = closeTimes(clients, 1012);
    const { status, body } = await callAdmin(server, "POST", "/drain?time=1");
    assertEquals([status, body], [202, `{"time":1,"code":1012}`]);
    const again = await callAdmin(server, "POST", "/drain?time=5&code=1001");
    assertEquals([again.status, again.body], [202, body]);
    for (const { name } of LISTENERS) {
      for (
        const [head, expected] of [
          [requestHead("/livez"), 200],
          [requestHead("/readyz"), 503],
          [requestHead("/healthz"), 503],
          [handshake("/ws"), 503],
        ] as const
      ) {
        assertEquals(await statusOf(server, name, head), expected);
      }
    }
    assertEquals(await statusOf(server, "edge", requestHead("/")), 200);
    const times = await closed;
    assert(times.at(-1)! > 500, times.join());
    await server.logged("Admin: drain over 1 s with 1012");
    assertEquals(await statusOf(server, "edge", requestHead("/livez")), 200);
    server.signal("SIGTERM");
    assertEquals((await server.status).code, 0);
  },
);

signalTest(
  "a signal during a drain lets it finish",
  { ADMIN_TOKEN, SHUTDOWN_TIMEOUT: "5" },
  async (server) => {
    const clients = await connectAll(server, 4);
    const closed = closeTimes(clients, 1001);
    await callAdmin(server, "POST", "/drain?time=1&code=1001");
    server.signal("SIGTERM");
    const times = await closed;
    assert(times.at(-1)! > 500, times.join());
    assertEquals((await server.status).code, 0);
    await server.logged("All connections are closed");
  },
);

signalTest(
  "DRAIN_TIME spreads the closes of a shutdown",
  { DRAIN_TIME: "1", SHUTDOWN_TIMEOUT: "0.5" },
  async (server) => {
    const clients = await connectAll(server, 6);
    const closed = closeTimes(clients, 1001);
    server.signal("SIGTERM");
    const times = await closed;
    assert(times.at(-1)! > 500, times.join());
    assertEquals((await server.status).code, 0);
    await server.logged("All connections are closed");
  },
);

testWith(
  { ...NEEDS, linux: true },
  "POST /drain reaches every thread",
  async () => {
    await using server = await startAll(
      { WORKERS: "3", ADMIN_TOKEN },
      { args: WORKERS_START },
    );
    await showingLog(server, async () => {
      const clients = await connectAll(server, 30);
      const sessions = await sessionsOf(server, 30);
      assert(new Set(sessions.map(({ instance }) => instance)).size > 1);
      const closed = closeTimes(clients, 1012);
      assertEquals((await callAdmin(server, "POST", "/drain")).status, 202);
      await closed;
      for (let i = 0; i < 10; i++) {
        assertEquals(await statusOf(server, "frame", handshake("/ws")), 503);
      }
    });
  },
);

serverTest(
  "POST /drain refuses invalid parameters and a missing token",
  { ADMIN_TOKEN },
  async (server) => {
    for (const query of ["code=1000", "time=-1", "time=x", "now=1"]) {
      const { status, body } = await callAdmin(
        server,
        "POST",
        `/drain?${query}`,
      );
      assertEquals(status, 400, query);
      assertMatch(body, /time|code/);
    }
    const head = requestHead("/drain", {}, "POST");
    assertEquals(await statusOf(server, "edge", head), 401);
    assertEquals(await statusOf(server, "edge", requestHead("/readyz")), 200);
  },
);
