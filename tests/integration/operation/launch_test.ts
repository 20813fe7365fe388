import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { runToEnd, startServer } from "../support/server.ts";
import { NEEDS, showingLog } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";

/** Starts the service by its task, in a process group of its own. */
function startTask(env: Record<string, string>, ...options: string[]) {
  const args = ["task", "-q", "start", ...options];
  return startServer(env, { args, isGroup: true });
}

/** The URLs of a `READY` line. */
interface Urls {
  readonly edge: string;
  readonly frame?: string;
}

function urlsOf(line: string): Urls {
  return JSON.parse(/^READY (\{.*\})$/.exec(line)![1]!);
}

testWith(
  NEEDS,
  "deno task start --ready prints the URLs of both listeners",
  async () => {
    await using server = await startTask({}, "--ready");
    await showingLog(server, async () => {
      const { edge, frame } = urlsOf(await server.logged(/^READY /));
      const response = await fetch(`${edge}/healthz`);
      assertEquals(await response.text(), "ok");
      await using client = await connect(`${frame}/ws`);
      client.send("echo");
      assertEquals(await client.next(), "echo");
    });
  },
);

testWith(
  NEEDS,
  "deno task start: options come before variables",
  async () => {
    await using server = await startTask(
      { LOG_LEVEL: "DEBUG", PORT: "1", MAX_PAYLOAD: "5" },
      "--port",
      "0",
      "--frame-port",
      "off",
      "--log-level",
      "info",
      "--ready",
    );
    await showingLog(server, async () => {
      const { edge, frame } = urlsOf(await server.logged(/^READY /));
      assertEquals(frame, undefined);
      assert(!server.lines.some((line) => line.startsWith("D ")));
      await using client = await connect(`${edge.replace("http", "ws")}/ws`);
      client.send("123456");
      assertEquals((await client.closed).code, 1009);
    });
  },
);

testWith(
  { ...NEEDS, linux: true },
  "deno task start: options reach every thread, and READY waits for them",
  async () => {
    await using server = await startTask(
      {},
      "--workers",
      "2",
      "--max-payload",
      "5",
      "--ready",
    );
    await showingLog(server, async () => {
      const { edge, frame } = urlsOf(await server.logged(/^READY /));
      for (let i = 0; i < 12; i++) {
        const url = i % 2 === 0 ? edge.replace("http", "ws") : frame;
        await using client = await connect(`${url}/ws`);
        client.send("123456");
        assertEquals((await client.closed).code, 1009);
      }
    });
  },
);

testWith(
  NEEDS,
  "deno task start passes on the exit code and one line of a failed start",
  async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String(taken.addr.port);
    const { code, stderr } = await runToEnd(
      {},
      ["task", "-q", "start", "--port", port],
    );
    assertEquals([code, stderr.length], [1, 1], stderr.join("\n"));
    assertMatch(stderr[0], /in use/);
  },
);

testWith(
  NEEDS,
  "deno task start refuses an invalid option with one line and exit code 2",
  async () => {
    const { code, stdout, stderr } = await runToEnd(
      {},
      ["task", "-q", "start", "--port", "x"],
    );
    assertEquals([code, stdout], [2, []]);
    assertEquals(stderr, [
      'start: --port: not "x"; allowed: a port from 0 to 65535 (0 takes a free one)',
    ]);
  },
);

testWith(
  { ...NEEDS, signals: true },
  "deno task start: a signal to the task alone shuts the service down",
  async () => {
    await using server = await startTask({});
    await showingLog(server, async () => {
      await using client = await connect(server.url("edge", "/ws"));
      Deno.kill(server.pid, "SIGTERM");
      assertEquals((await client.closed).code, 1001);
      const { code } = await within(server.status, "the end of the task");
      assertEquals(code, 0);
    });
  },
);

/** Ids of the processes below one, by `/proc`. */
async function childrenOf(pid: number): Promise<number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  return (await Deno.readTextFile(path)).split(" ").filter(Boolean).map(Number);
}

/** Whether a process has ended; an init process may not wait for it. */
async function hasEnded(pid: number): Promise<boolean> {
  try {
    return /\) [ZX] /.test(await Deno.readTextFile(`/proc/${pid}/stat`));
  } catch {
    return true;
  }
}

for (const killed of ["task", "launcher"]) {
  testWith(
    { ...NEEDS, linux: true },
    `deno task start: SIGKILL to the ${killed} shuts the service down`,
    async () => {
      await using server = await startTask({});
      await showingLog(server, async () => {
        const [launcher] = await childrenOf(server.pid);
        const [service] = await childrenOf(launcher!);
        await using client = await connect(server.url("edge", "/ws"));
        Deno.kill(killed === "task" ? server.pid : launcher!, "SIGKILL");
        assertEquals((await client.closed).code, 1001);
        const end = "the end of the service";
        await eventually(() => hasEnded(service!), end);
      });
    },
  );
}

testWith(
  NEEDS,
  "deno task start leaves OTEL_DENO to the service",
  async () => {
    const log = Promise.withResolvers<string>();
    await using collector = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const body = await request.text();
        if (request.url.endsWith("/v1/logs")) log.resolve(body);
        return Response.json({});
      },
    );
    const endpoint = `http://127.0.0.1:${collector.addr.port}`;
    await using _server = await startTask({
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    const text = await within(log.promise, "the export of the log");
    assert(text.includes("Starting server on port"), text);
  },
);
