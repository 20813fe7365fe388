import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { REDIS_START, runToEnd, startServer } from "../support/server.ts";
import { taskArguments } from "../../task_arguments.ts";
import { LISTENERS, NEEDS, showingLog } from "../support/suite.ts";

/** Invalid values, and a pattern of what the error says is allowed. */
const BAD: readonly [variable: string, value: string, allowed: RegExp][] = [
  ["PORT", "abc", /65535/],
  ["PORT", "65536", /65535/],
  ["PORT", "-1", /65535/],
  ["FRAME_PORT", "on", /\boff\b/],
  ["HOST", "a b", /address/],
  ["LOG_LEVEL", "loud", /DEBUG.*INFO.*WARN.*ERROR/],
  ["LOG_FORMAT", "xml", /text.*json/],
  ["MAX_PAYLOAD", "16MB", /MiB/],
  ["SEND_BUFFER_LIMIT", "0", /bytes/],
  ["MAX_CONNECTIONS", "none", /number/],
  ["IDLE_TIMEOUT", "30s", /seconds/],
  ["HANDSHAKE_TIMEOUT", "0", /seconds/],
  ["CLOSE_TIMEOUT", "-1", /seconds/],
  ["SHUTDOWN_TIMEOUT", "long", /seconds/],
  ["ALLOWED_ORIGINS", "example.com", /https:\/\//],
];

for (const [variable, value, allowed] of BAD) {
  testWith(NEEDS, `start: ${variable}=${value} is refused`, async () => {
    const { code, stdout, stderr } = await runToEnd({ [variable]: value });
    assertEquals(stdout, []);
    assertEquals(stderr.length, 1, stderr.join("\n"));
    const [line] = stderr;
    assert(line!.includes(variable), line);
    assert(line!.includes(value), line);
    assertMatch(line, allowed);
    assertEquals(code, 1);
  });
}

testWith(
  NEEDS,
  "start: an invalid AUTH_TOKEN is refused and not shown",
  async () => {
    const { code, stdout, stderr } = await runToEnd({
      AUTH_TOKEN: "hush hush",
    });
    assertEquals([stdout, stderr.length, code], [[], 1, 1]);
    assertMatch(stderr[0], /AUTH_TOKEN/);
    assert(!stderr[0]!.includes("hush"), stderr[0]);
  },
);

const PORT_OF = { edge: "PORT", frame: "FRAME_PORT" } as const;

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `start: the ${name} listener's port is refused when it is in use`,
    async () => {
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const port = String(taken.addr.port);
      const { code, stderr } = await runToEnd({ [PORT_OF[name]]: port });
      assertEquals(stderr.length, 1, stderr.join("\n"));
      assertMatch(stderr[0], /\bin use\b/);
      assert(stderr[0]!.includes(port), `no port in ${stderr[0]}`);
      assertEquals(code, 1);
    },
  );
}

testWith(
  NEEDS,
  "start: HOST without its permission ends the start with one line",
  async () => {
    const host = "192.0.2.1";
    const { code, stderr } = await runToEnd({ HOST: host });
    assertEquals(stderr.length, 1, stderr.join("\n"));
    assertMatch(stderr[0], /is not permitted: .*deno task start/);
    assertEquals(code, 1);
  },
);

/** Arguments with the permission for every host. */
const ANY_HOST = [
  "run",
  "--no-prompt",
  "--allow-net",
  "--allow-env",
  "main.ts",
];

for (
  const [host, fault] of [
    ["nosuchhost.invalid", /: HOST=nosuchhost\.invalid cannot be resolved/],
    ["192.0.2.1", /: HOST=192\.0\.2\.1 is no address of this machine$/],
    ["...", /: PORT=0, HOST=\.\.\.: the listener cannot be opened/],
  ] as const
) {
  testWith(
    NEEDS,
    `start: HOST=${host} ends the start with one line`,
    async () => {
      const { code, stdout, stderr } = await runToEnd(
        { HOST: host },
        taskArguments({ HOST: host }),
      );
      assertEquals(
        [stdout, stderr.length, code],
        [[], 1, 1],
        stderr.join("\n"),
      );
      assertMatch(stderr[0], fault);
    },
  );
}

if (Deno.build.os !== "windows") {
  for (const variable of ["AUTH_TOKEN", "PORT"]) {
    testWith(
      NEEDS,
      `start: a ${variable} that is not UTF-8 is refused with one line`,
      async () => {
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: [
            "-c",
            `${variable}=$(printf '\\377') exec "$@"`,
            "sh",
            Deno.execPath(),
            ...ANY_HOST,
          ],
          cwd: new URL("../../../", import.meta.url),
          env: { NO_COLOR: "1", OTEL_DENO: "false" },
        }).output();
        assertEquals(stdout.length, 0);
        assertEquals(
          new TextDecoder().decode(stderr),
          `ws_echo_server cannot start: ${variable} is not valid: it has to be UTF-8\n`,
        );
        assertEquals(code, 1);
      },
    );
  }
}

testWith(NEEDS, "start: an invalid BUS is refused and not shown", async () => {
  const { code, stderr } = await runToEnd(
    { BUS: "redis://:geheim@127.0.0.1/nonumber" },
    REDIS_START,
  );
  const lines = stderr.filter((line) => !line.startsWith("Download "));
  assertEquals([lines.length, code], [1, 1], stderr.join("\n"));
  assertMatch(lines[0], /: BUS: /);
  assert(!lines[0]!.includes("geheim"), lines[0]);
});

testWith(
  NEEDS,
  "start: FRAME_PORT=off starts the edge listener only",
  async () => {
    await using server = await startServer({ FRAME_PORT: "off" });
    await showingLog(server, async () => {
      await using client = await connect(server.url("edge", "/ws"));
      client.send("echo");
      assertEquals(await client.next(), "echo");
      assert(!server.lines.some((line) => line.includes("frame listener")));
    });
  },
);
