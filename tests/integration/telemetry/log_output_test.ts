import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { RawClient } from "../support/raw.ts";
import { type Server, WORKERS_START } from "../support/server.ts";
import { LISTENERS, NEEDS, serverTest, startAll } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { within } from "../support/within.ts";

/** Messages whose DEBUG lines fill the pipe several times. */
const MANY = 5000;

/** Messages whose DEBUG lines fill the log's buffer as well. */
const TOO_MANY = 60_000;

/** Messages in one write. */
const BATCH = 500;

/** Sends messages and checks their echoes. */
async function echo(client: RawClient, count: number): Promise<void> {
  const one = frame(OPCODE.text, "log me");
  const batch = new Uint8Array(BATCH * one.length);
  for (let i = 0; i < BATCH; i++) batch.set(one, i * one.length);
  for (let sent = 0; sent < count; sent += BATCH) {
    await client.write(batch);
    for (let i = 0; i < BATCH; i++) assertEquals(await client.text(), "log me");
  }
}

/** Ends the service while its output is not read; checks the CLOSE and the exit code. */
async function end(
  server: Server,
  clients: readonly RawClient[],
): Promise<void> {
  server.signal("SIGTERM");
  for (const client of clients) {
    assertEquals(await client.closeCode(), 1001);
    await client.write(closeFrame(1001));
    await client.end();
    client[Symbol.dispose]();
  }
  assertEquals((await within(server.status, "the process to end")).code, 0);
}

for (
  const [how, env, options] of [
    ["one thread", {}, {}],
    ["two threads", { WORKERS: "2" }, { args: WORKERS_START }],
    ["through console.log", {
      OTEL_DENO: "true",
      // A port without a listener.
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    }, {}],
  ] as const
) {
  testWith(
    // SO_REUSEPORT needs Linux.
    { ...NEEDS, signals: true, ...("WORKERS" in env && { linux: true }) },
    `log output, ${how}: the service works when its output is not read`,
    async () => {
      await using server = await startAll(env, options);
      server.stopReading();
      const clients = await Promise.all(
        LISTENERS.map(({ name }) =>
          RawClient.upgrade(server.address(name), "/ws")
        ),
      );
      for (const client of clients) await echo(client, MANY);
      await end(server, clients);
    },
  );
}

serverTest(
  "log output: a warning has the number of dropped lines",
  {},
  async (server) => {
    const since = server.lines.length;
    const resume = server.stopReading();
    using client = await RawClient.upgrade(server.address("frame"), "/ws");
    await echo(client, TOO_MANY);
    resume();
    const line = await server.logged(/log records were dropped/, since);
    assertMatch(
      line,
      /^W \(\d+\) ws_echo_server: \d+ log records were dropped: the log's output did not take them in time$/,
    );
    const dropped = Number(/: (\d+) log/.exec(line)![1]);
    await echo(client, BATCH);
    await server.logged("Got packet", server.lines.indexOf(line));
    const packets = server.lines.slice(since).filter((line) =>
      line.startsWith("D")
    );
    // Written and dropped lines: three per message, two per handshake.
    assert(dropped > 0 && packets.length + dropped > TOO_MANY * 3, line);
    await client.write(closeFrame(1000));
    assertEquals(await client.closeCode(), 1000);
    await client.end();
  },
);
