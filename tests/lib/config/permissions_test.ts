import { assertEquals, assertThrows } from "@std/assert";
import { permissionFlags } from "../../../lib/config/permissions.ts";
import { VARIABLES } from "../../../lib/config/settings.ts";
import { StartError } from "../../../lib/config/start_error.ts";
import config from "../../../deno.json" with { type: "json" };
import { runToEnd } from "../../integration/support/server.ts";
import { NEEDS } from "../../integration/support/suite.ts";
import { testWith } from "../../permissions.ts";
import { type StartTask, taskArguments } from "../../task_arguments.ts";

/** The flags of a kind of start, where these variables are set. */
function flagsOf(
  kind: Parameters<typeof permissionFlags>[0],
  env: Readonly<Record<string, string>> = {},
): string[] {
  return permissionFlags(kind, (name) => env[name]);
}

Deno.test("permissionFlags() permits the variables of the table of settings", () => {
  const flag = flagsOf("plain").find((flag) => flag.startsWith("--allow-env="));
  assertEquals(flag, `--allow-env=${VARIABLES}`);
});

for (
  const [cert, key, value] of [
    ["/etc/cert.pem", "/etc/key.pem", "/etc/cert.pem,/etc/key.pem"],
    ["/etc/both.pem", "", "/etc/both.pem"],
    ["/etc/both.pem", "/etc/both.pem", "/etc/both.pem"],
    ["/my certs/both.pem", "", "/my certs/both.pem"],
    ["/etc/a,b/cert.pem", "/etc/key.pem", "/etc/,/etc/key.pem"],
    ["/etc/ssl/a,b.pem", "/etc/ssl/c,d.pem", "/etc/ssl/"],
    ["certs/a,b.pem", "", "certs/"],
    ["a,b/cert.pem", "", "."],
    ["C:\\certs\\a,b.pem", "", "C:\\certs\\"],
  ] as const
) {
  Deno.test(`permissionFlags() permits reading TLS_CERT=${cert} TLS_KEY=${key}`, () => {
    assertEquals(flagsOf("tls", { TLS_CERT: cert, TLS_KEY: key }), [
      `--allow-read=${value}`,
    ]);
  });
}

for (
  const [env, host] of [
    [{ BUS: "redis://10.0.0.5:6379" }, "10.0.0.5:6379"],
    [{ BUS: "rediss://user:secret@redis.test/1" }, "redis.test"],
    [{ BUS: "redis://[::1]:6379" }, "[::1]:6379"],
    [{ BUS: "redis://10.0.0.5", BUS_HOST: "10.0.0.6" }, "10.0.0.6"],
  ] as const
) {
  Deno.test(`permissionFlags() permits the host of ${JSON.stringify(env)}`, () => {
    const net = (flags: string[]) =>
      flags.find((flag) => flag.startsWith("--allow-net="));
    assertEquals(
      net(flagsOf("redis", env)),
      `${net(flagsOf("plain"))},${host}`,
    );
  });
}

for (const workers of ["", "1", "off", "2", "16"]) {
  Deno.test(`permissionFlags() of redis with WORKERS=${workers} permits threads above 1 only`, () => {
    const env = { BUS: "redis://10.0.0.5", WORKERS: workers };
    const threads = flagsOf("workers").filter((flag) =>
      !flagsOf("plain").includes(flag)
    );
    assertEquals(threads.length, 2);
    const found = flagsOf("redis", env).filter((flag) =>
      threads.includes(flag)
    );
    assertEquals(found, Number(workers) > 1 ? threads : []);
  });
}

for (
  const [kind, env] of [
    ["tls", {}],
    ["tls", { TLS_KEY: "k" }],
    ["redis", {}],
    ["redis", { BUS: "local" }],
    ["redis", { BUS: "http://10.0.0.5" }],
    ["redis", { BUS_HOST: "10.0.0.5 --allow-all" }],
  ] as const
) {
  Deno.test(`permissionFlags() of ${kind} refuses ${JSON.stringify(env)}`, () => {
    assertThrows(() => flagsOf(kind, env), StartError, "is not set");
  });
}

for (
  const [task, fault] of [
    [
      "start:redis",
      "BUS is not set: start:redis needs a URL such as redis://127.0.0.1:6379",
    ],
    [
      "start:tls",
      "TLS_CERT is not set: start:tls needs the path of the certificate, and in TLS_KEY that of its key",
    ],
  ] as const
) {
  testWith(NEEDS, `${task} without variables ends with one line`, async () => {
    const { code, stderr } = await runToEnd({}, ["task", task]);
    assertEquals(code, 1);
    assertEquals(stderr.filter((line) => !line.startsWith("Task ")), [
      `ws_echo_server cannot start: ${fault}`,
    ]);
  });
}

/** Tasks, variables that they need, and files whose names have a space. */
const STARTS: readonly [StartTask, Record<string, string>][] = [
  ["start", {}],
  ["start:tls", { TLS_CERT: "/my certs/c.pem", TLS_KEY: "k.pem" }],
  ["start:redis", { BUS: "redis://127.0.0.1:6379" }],
  ["start:redis", { BUS: "redis://127.0.0.1:6379", WORKERS: "2" }],
  ["start:workers", {}],
];

for (const [task, env] of STARTS) {
  testWith(
    NEEDS,
    `${task} with ${
      JSON.stringify(env)
    } gives the runtime the flags of taskArguments()`,
    async () => {
      const command = config.tasks[task].command.replace(
        "deno run $",
        "echo $",
      );
      const { code, stdout, stderr } = await runToEnd(env, [
        "task",
        "--quiet",
        "--eval",
        command,
      ]);
      assertEquals([code, stderr], [0, []]);
      assertEquals(stdout, [taskArguments(task, env).slice(1).join(" ")]);
    },
  );
}

testWith(NEEDS, "deno task permissions sends no telemetry", async () => {
  const requests: string[] = [];
  await using collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => {
      requests.push(url);
      return new Response();
    },
  );
  const { port } = collector.addr;
  const env = {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  const { code } = await runToEnd(env, ["task", "-q", "permissions"]);
  assertEquals([code, requests], [0, []]);
});

Deno.test("no command of deno.json is longer than 200 characters", () => {
  const long = Object.values(config.tasks).map(({ command }) => command)
    .filter((command) => command.length > 200);
  assertEquals(long, []);
});
