import { assertEquals, assertMatch } from "@std/assert";
import {
  PERMISSION_VARIABLES,
  permissionFlags,
} from "../../../../lib/config/command/permissions.ts";
import { VARIABLES } from "../../../../lib/config/settings.ts";
import config from "../../../../deno.json" with { type: "json" };
import { runToEnd } from "../../../integration/support/server.ts";
import { NEEDS } from "../../../integration/support/suite.ts";
import { testWith } from "../../../permissions.ts";

/** The value of a flag where these variables are set. */
function flag(
  name: string,
  env: Readonly<Record<string, string>> = {},
): string | undefined {
  return permissionFlags((variable) => env[variable])
    .find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
}

Deno.test("permissionFlags() permits the variables of the table of settings", () => {
  assertEquals(flag("--allow-env"), `${VARIABLES}`);
});

Deno.test("permissionFlags() permits no file without TLS and threads", () => {
  assertEquals(flag("--allow-read"), undefined);
  assertEquals(
    flag("--allow-read", { TLS_CERT: "off", WORKERS: "1" }),
    undefined,
  );
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
    assertEquals(flag("--allow-read", { TLS_CERT: cert, TLS_KEY: key }), value);
  });
}

for (
  const [env, host] of [
    [{ BUS: "redis://10.0.0.5:6379" }, "10.0.0.5:6379"],
    [{ BUS: "rediss://user:secret@redis.test/1" }, "redis.test"],
    [{ BUS: "redis://[::1]:6379" }, "[::1]:6379"],
    [{ BUS: "redis://10.0.0.5", BUS_HOST: "10.0.0.6" }, "10.0.0.6"],
    [{ HOST: "192.0.2.1" }, "192.0.2.1"],
    [{ HOST: "2001:db8::1" }, "[2001:db8::1]"],
    [{ HOST: "echo.test" }, "echo.test"],
  ] as const
) {
  Deno.test(`permissionFlags() permits the host of ${JSON.stringify(env)}`, () => {
    assertEquals(flag("--allow-net", env), `${flag("--allow-net")},${host}`);
  });
}

for (
  const env of [
    { HOST: "::" },
    { HOST: "127.0.0.1" },
    { HOST: "10.0.0.5 --allow-all" },
    { HOST: "a,b" },
    { HOST: "..." },
    { HOST: "a..b" },
    { HOST: "fe80::1%eth0" },
    { BUS: "local" },
    { BUS: "http://10.0.0.5" },
    { BUS_HOST: "10.0.0.5 --allow-all" },
    { BUS_HOST: "a,b" },
    { WORKERS: "many" },
  ] as const
) {
  Deno.test(`permissionFlags() permits nothing more for ${JSON.stringify(env)}`, () => {
    const lookUp = (name: string) =>
      (env as Readonly<Record<string, string>>)[name];
    assertEquals(permissionFlags(lookUp), permissionFlags(() => undefined));
  });
}

Deno.test("permissionFlags() joins what TLS, threads and Redis need", () => {
  const env = { TLS_CERT: "c.pem", WORKERS: "2", BUS: "redis://r:1" };
  assertEquals(
    flag("--allow-read", env),
    "c.pem,main.ts,deno.json,handlers,lib,node_modules",
  );
  assertMatch(flag("--allow-net", env)!, /,r:1$/);
  assertEquals(flag("--lock", env), "lib/cluster/bus/deno.lock");
});

Deno.test("permissionFlags() reads the variables that its tasks permit", () => {
  const read = new Set<string>();
  permissionFlags((name) => void read.add(name));
  assertEquals([...read].sort(), [...PERMISSION_VARIABLES].sort());
  for (const task of ["start", "permissions"] as const) {
    const [, allowed] = / --allow-env=(\S+)/.exec(config.tasks[task].command)!;
    assertEquals(
      allowed!.split(",").filter((name) => name !== "START_OTEL_DENO"),
      [...PERMISSION_VARIABLES],
    );
  }
});

testWith(
  NEEDS,
  "deno task permissions prints the flags of its options",
  async () => {
    const run = (...options: string[]) =>
      runToEnd({}, ["task", "-q", "permissions", ...options]);
    const { code, stdout } = await run("--tls-cert", "c.pem", "--workers", "2");
    const env: Record<string, string> = { TLS_CERT: "c.pem", WORKERS: "2" };
    const expected = permissionFlags((name) => env[name] ?? "");
    assertEquals([code, stdout], [0, [expected.join(" ")]]);

    const spaced = await run("--tls-cert", "my cert.pem");
    assertEquals([spaced.code, spaced.stdout], [1, []]);
    assertMatch(spaced.stderr.join("\n"), /^permissions: .*has a space/);

    const unknown = await run("--nope");
    assertEquals([unknown.code, unknown.stdout], [2, []]);
  },
);

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
