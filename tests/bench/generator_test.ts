import { assert, assertEquals, assertRejects } from "@std/assert";
import { within } from "../integration/support/within.ts";
import {
  type Behaviour,
  echo,
  serve,
  serverFrame,
} from "../lib/probe/faulty_server.ts";
import {
  DENO_SERVER,
  start,
  WS_SERVER,
} from "../other_servers/other_servers.ts";
import { testWith } from "../permissions.ts";
import { cpuTime, residentMemory } from "../process.ts";
import { Generator } from "./generator.ts";
import type { Load } from "./generator/jobs.ts";

const NEEDS = { net: true, run: true, read: true } as const;

const ANY_CORE = { server: undefined, generator: undefined };

const LOAD: Load = {
  connections: 3,
  size: 300,
  depth: 5,
  opcode: "text",
  deflate: false,
};

/** Registers a test for Linux, whose system calls the generator uses. */
function linuxTest(
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  testWith(NEEDS, name, { fn, ignore: Deno.build.os !== "linux" });
}

linuxTest(
  "the load generator counts echoes, handshakes and open connections",
  async () => {
    const command = await DENO_SERVER.command(false);
    if (!command.ok) throw new Error(command.reason);
    await using server = await start(command);
    await using generator = new Generator(ANY_CORE);
    const to = { port: server.port, path: "/" };
    const before = await cpuTime(server.pid);

    for (
      const load of [
        LOAD,
        { ...LOAD, size: 70_000, opcode: "binary", depth: 2 },
        { ...LOAD, connections: 1, size: 3_000_000, depth: 1 },
      ] as const
    ) {
      const job = generator.run("throughput", { ...to, load, seconds: 0.3 });
      const { messages, total, seconds, idle } = await within(job, "the load");
      assert(messages > 0 && total > messages, `${messages} of ${total}`);
      assert(seconds >= 0.2 && idle >= 0 && idle <= 1);
    }
    assert(await cpuTime(server.pid) > before);

    const { count, p50, p99 } = await generator.run("latency", {
      ...to,
      load: { ...LOAD, depth: 1 },
      rate: 200,
      seconds: 0.5,
    });
    assertEquals(count, 80);
    assert(0 < p50 && p50 <= p99);

    const shaken = await generator.run("handshakes", {
      ...to,
      concurrency: 4,
      seconds: 0.2,
    });
    assert(shaken.count > 0);

    assert(await residentMemory(server.pid) > 1e6);
    const opened = await generator.run("open", { ...to, count: 7 });
    assertEquals(opened.open, 7);
    await generator.run("close", {});
  },
);

linuxTest("the load generator inflates the first echo", async (t) => {
  const command = await WS_SERVER.command(true);
  if (!command.ok) {
    const name = `ignored: ${command.reason}`;
    await t.step({ name, ignore: true, fn: () => {} });
    return;
  }
  await using server = await start(command);
  await using generator = new Generator(ANY_CORE);
  const { messages } = await generator.run("throughput", {
    port: server.port,
    path: "/",
    load: { ...LOAD, size: 20_000, deflate: true },
    seconds: 0.3,
  });
  assert(messages > 0);
});

/** Servers that do not echo correctly, and the generator's error. */
const WRONG: readonly [what: string, behaviour: Behaviour, says: string][] = [
  [
    "one wrong byte",
    {
      frame(socket, frame) {
        frame.payload[299]! ^= 1;
        echo(socket, frame);
      },
    },
    "something else came back than was sent",
  ],
  [
    "swapped messages",
    {
      frame: (() => {
        let held: Uint8Array | undefined;
        return (socket, { payload }) => {
          const frame = serverFrame(0x81, payload);
          if (held === undefined) held = frame;
          else {
            socket.write(frame);
            socket.write(held);
            held = undefined;
          }
        };
      })(),
    },
    "something else came back than was sent",
  ],
  [
    "a disconnect",
    { frame: (socket) => socket.destroy() },
    "the server ended a connection",
  ],
  [
    "a refusal",
    { answer: (socket) => socket.end("HTTP/1.1 429 No\r\n\r\n") },
    "refused: status 429 instead of 101",
  ],
];

for (const [what, behaviour, says] of WRONG) {
  linuxTest(`the load generator fails on ${what}`, async () => {
    await using server = await serve(behaviour);
    await using generator = new Generator(ANY_CORE);
    const port = Number(server.url.port);
    await assertRejects(
      () =>
        within(
          generator.run("throughput", {
            port,
            path: "/",
            load: LOAD,
            seconds: 5,
          }),
          "the failure",
        ),
      Error,
      says,
    );
  });
}
