import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, serverTest, suite } from "../support/suite.ts";
import { closeFrame, frame, handshake, OPCODE } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

/** The log lines of closed connections. */
function ends(server: Server): string[] {
  return server.lines.filter((line) =>
    /Connection of sock \S+ closed/.test(line)
  );
}

/** The sum of a metric's series. */
async function metric(server: Server, name: string): Promise<number> {
  const { hostname, port } = server.address("edge");
  const response = await fetch(`http://${hostname}:${port}/metrics`);
  const lines = (await response.text()).split("\n")
    .filter((line) =>
      line.startsWith(`${name}{`) || line.startsWith(`${name} `)
    );
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function status(server: Server, name: string): Promise<number> {
  return (await exchange(server.address(name), handshake("/ws"))).status;
}

for (const { name } of LISTENERS) {
  serverTest(
    `${name} listener: a connection that IDLE_TIMEOUT ends is closed once`,
    {
      LOG_LEVEL: "INFO",
      IDLE_TIMEOUT: "2",
      MAX_CONNECTIONS_PER_IP: "2",
    },
    async (server) => {
      const address = server.address(name);
      for (let round = 1; round <= 2; round++) {
        const silent = [
          await RawClient.upgrade(address, "/ws"),
          await RawClient.upgrade(address, "/ws"),
        ];
        await eventually(
          () => ends(server).length >= 2 * round,
          "both ends",
        );
        for (const rawClient of silent) {
          await rawClient.end();
          rawClient[Symbol.dispose]();
        }
      }
      // If one end freed two slots, more connections than the limit would fit.
      using first = await RawClient.upgrade(address, "/ws");
      using second = await RawClient.upgrade(address, "/ws");
      assertEquals(await status(server, name), 429);
      for (const rawClient of [first, second]) {
        await rawClient.write(frame(OPCODE.text, "here"));
        while ((await rawClient.frame()).opcode !== OPCODE.text);
      }
      const before = ends(server);
      assertEquals(
        new Set(before.map((line) => /sock \S+/.exec(line)![0])).size,
        before.length,
      );
    },
  );

  suite(
    `${name} listener: a client that reads and does not answer a CLOSE`,
    {
      LOG_LEVEL: "INFO",
      CLOSE_TIMEOUT: "0.2",
      MAX_CONNECTIONS: "1",
      MAX_CONNECTIONS_PER_IP: "1",
      IDLE_TIMEOUT: "off",
    },
    async (server, step) => {
      const address = server.address(name);

      await step("loses its slot and its connection", async () => {
        for (let round = 1; round <= 3; round++) {
          using rawClient = await RawClient.upgrade(
            address,
            "/ws?close=1000&after=1",
          );
          await rawClient.write(frame(OPCODE.text, "one"));
          while ((await rawClient.frame()).opcode !== OPCODE.close);
          // The client continues to read and keeps its side of the connection open.
          assertEquals((await rawClient.end()).length, 0);
          await eventually(
            async () => await status(server, name) === 101,
            "a free slot",
          );
        }
      });

      await step("is counted and logged once", () => {
        const lines = ends(server);
        const names = lines.map((line) => /sock \S+/.exec(line)![0]);
        assertEquals(new Set(names).size, lines.length);
        assert(lines.some((line) => line.includes("closed with 1006 ")));
      });
    },
  );
}

for (const { name } of LISTENERS) {
  serverTest(
    `${name} listener: a client that answers a CLOSE and keeps TCP open loses its slot before CLOSE_TIMEOUT`,
    {
      LOG_LEVEL: "INFO",
      CLOSE_TIMEOUT: "3600",
      MAX_CONNECTIONS: "1",
      IDLE_TIMEOUT: "off",
    },
    async (server) => {
      using rawClient = await RawClient.upgrade(
        server.address(name),
        "/ws?close=1000&after=1",
      );
      await rawClient.write(frame(OPCODE.text, "one"));
      while ((await rawClient.frame()).opcode !== OPCODE.close);
      await rawClient.write(closeFrame(1000));
      assertEquals((await rawClient.end()).length, 0);
      const line = await server.logged(/Connection of sock \S+ closed/);
      assertMatch(line, /closed with 1000 by=server/);
      assert(!line.includes("timeout="), line);
      await eventually(
        async () => await status(server, name) === 101,
        "a free slot",
      );
    },
  );
}

serverTest(
  "edge listener: the metrics count a connection that IDLE_TIMEOUT ends once",
  { LOG_LEVEL: "INFO", IDLE_TIMEOUT: "0.4" },
  async (server) => {
    using rawClient = await RawClient.upgrade(server.address("edge"), "/ws");
    await rawClient.end();
    await server.logged(/Connection of sock \S+ closed/);
    const closed = await metric(
      server,
      "websocket_server_connections_closed_total",
    );
    assertEquals(closed, 1);
    assertEquals(
      await metric(server, "websocket_server_active_connections"),
      0,
    );
  },
);

for (
  const [title, last] of [
    ["and is silent", new Uint8Array(0)],
    ["and sends a CLOSE", closeFrame(1000)],
  ] as const
) {
  serverTest(
    `edge listener: a client that does not read ${title} is disconnected`,
    { LOG_LEVEL: "INFO", IDLE_TIMEOUT: "0.1", MAX_CONNECTIONS: "1" },
    async (server) => {
      // The first connection lets the service find the runtime's keep-alive.
      (await RawClient.upgrade(server.address("edge"), "/ws"))
        [Symbol.dispose]();
      await server.logged(/Connection of sock \S+ closed/);
      const since = server.lines.length;
      using unread = await RawClient.upgrade(server.address("edge"), "/ws");
      const message = frame(OPCODE.binary, new Uint8Array(2 ** 20));
      for (let sent = 0; sent < 12; sent++) await unread.write(message);
      await unread.write(last);
      await server.logged(/Connection of sock \S+ closed with 1006/, since);
      assertEquals(await status(server, "edge"), 101);
    },
  );
}
