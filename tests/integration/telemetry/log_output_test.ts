import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { type Server, startServer, WORKERS_START } from "../support/server.ts";
import { RawPeer } from "../support/raw.ts";
import { LISTENERS, NEEDS, serverTest } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { within } from "../support/within.ts";

/** Messages whose DEBUG lines fill a pipe of the operating system several times. */
const MANY = 5000;

/** Messages whose DEBUG lines fill the log's buffer as well. */
const TOO_MANY = 60_000;

/** Messages of one write. */
const BATCH = 500;

/** Has messages echoed, and checks that all are. */
async function echo(peer: RawPeer, count: number): Promise<void> {
  const one = frame(OPCODE.text, "log me");
  const batch = new Uint8Array(BATCH * one.length);
  for (let i = 0; i < BATCH; i++) batch.set(one, i * one.length);
  for (let sent = 0; sent < count; sent += BATCH) {
    await peer.write(batch);
    for (let i = 0; i < BATCH; i++) assertEquals(await peer.text(), "log me");
  }
}

/** Ends the service, whose output is not read, and checks that it ends well. */
async function end(server: Server, peers: readonly RawPeer[]): Promise<void> {
  server.signal("SIGTERM");
  for (const peer of peers) {
    assertEquals(await peer.closeCode(), 1001);
    await peer.write(closeFrame(1001));
    await peer.end();
    peer[Symbol.dispose]();
  }
  assertEquals((await within(server.status, "the process to end")).code, 0);
}

function startAllListeners(
  env: Record<string, string>,
  args?: readonly string[],
): Promise<Server> {
  const listeners = LISTENERS.map(({ name }) => name);
  return startServer(env, { listeners, ...(args && { args }) });
}

for (
  const [how, env, args] of [
    ["one thread", {}, undefined],
    ["two threads", { WORKERS: "2" }, WORKERS_START],
    ["the console", {
      OTEL_DENO: "true",
      // Where nothing listens.
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    }, undefined],
  ] as const
) {
  testWith(
    NEEDS,
    `log output, ${how}: a pipe that is not read stops nothing`,
    async () => {
      await using server = await startAllListeners(env, args);
      server.stopReading();
      const peers = await Promise.all(
        LISTENERS.map(({ name }) =>
          RawPeer.upgrade(server.address(name), "/ws")
        ),
      );
      for (const peer of peers) await echo(peer, MANY);
      await end(server, peers);
    },
  );
}

serverTest(
  "log output: the lines that were dropped are counted",
  {},
  async (server) => {
    const since = server.lines.length;
    const goOn = server.stopReading();
    using peer = await RawPeer.upgrade(server.address("frame"), "/ws");
    await echo(peer, TOO_MANY);
    goOn();
    const line = await server.logged(/log records were dropped/, since);
    assertMatch(
      line,
      /^W \(\d+\) ws_echo_server: \d+ log records were dropped: the log's output did not take them in time$/,
    );
    const dropped = Number(/: (\d+) log/.exec(line)![1]);
    await echo(peer, BATCH);
    await server.logged("Got packet", server.lines.indexOf(line));
    const packets = server.lines.slice(since).filter((line) =>
      line.startsWith("D")
    );
    // Three lines of each message, and two of the handshake; what was written or dropped.
    assert(dropped > 0 && packets.length + dropped > TOO_MANY * 3, line);
    await peer.write(closeFrame(1000));
    assertEquals(await peer.closeCode(), 1000);
    await peer.end();
  },
);
