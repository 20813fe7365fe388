/** The proxies of lib/process/recipes in front of the service, with its own files. */

import { assertEquals, assertMatch } from "@std/assert";
import { ipv4Addresses } from "../../../lib/process/ipv4_addresses.ts";
import { freePort } from "../../free_port.ts";
import { isInstalled } from "../../installed.ts";
import { permitted, testWith } from "../../permissions.ts";
import { ADMIN_TOKEN, callAdmin } from "../support/admin.ts";
import { connect } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { eventually, inOneAttempt, within } from "../support/within.ts";

const RECIPES = new URL("../../../lib/process/recipes/", import.meta.url);

/** A proxy, and how to start it. */
interface Proxy {
  readonly program: string;
  /** Arguments that show the version. */
  readonly version: readonly string[];
  /** The recipe. */
  readonly file: string;
  /** Arguments for a file, which run the proxy in the foreground. */
  readonly args: (file: string, folder: string) => readonly string[];
  /** Replaces the proxy's timeout of 60 s. */
  readonly hurry: (config: string) => string;
}

const PROXIES: readonly Proxy[] = [
  {
    program: "nginx",
    version: ["-v"],
    file: "nginx.conf",
    args: (file, folder) => [
      "-c",
      file,
      "-p",
      folder,
      "-g",
      `daemon off; pid ${folder}/pid; error_log stderr;`,
    ],
    hurry: (config) =>
      config.replaceAll("60s;", "2s;").replace(
        "http {",
        "http {\n  access_log off;",
      ),
  },
  {
    program: "haproxy",
    version: ["-v"],
    file: "haproxy.cfg",
    args: (file) => ["-db", "-f", file],
    hurry: (config) =>
      config.replaceAll(
        /timeout (client|server|tunnel) +60s/g,
        "timeout $1 2s",
      ),
  },
  {
    program: "caddy",
    version: ["version"],
    file: "Caddyfile",
    args: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    hurry: (config) => config,
  },
];

/** Ports of a running proxy; disposal ends it. */
interface Running extends AsyncDisposable {
  readonly edge: number;
  readonly frame: number;
}

/** Starts a proxy with its recipe, on other ports. */
async function startProxy(proxy: Proxy, server: Server): Promise<Running> {
  const folder = await Deno.makeTempDir();
  const [edge, frame] = [freePort(), freePort()];
  const recipe = await Deno.readTextFile(new URL(proxy.file, RECIPES));
  const config = proxy.hurry(recipe)
    .replaceAll("127.0.0.1:8000", `127.0.0.1:${server.address("edge").port}`)
    .replaceAll("127.0.0.1:8001", `127.0.0.1:${server.address("frame").port}`)
    .replaceAll(/(listen |bind :|^:)80\b/gm, `$1${edge}`)
    .replaceAll(/(listen |bind :|^:)81\b/gm, `$1${frame}`);
  const file = `${folder}/${proxy.file}`;
  await Deno.writeTextFile(file, config);
  const child = new Deno.Command(proxy.program, {
    args: [...proxy.args(file, folder)],
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const running = {
    edge,
    frame,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    for (const port of [edge, frame]) {
      await eventually(
        async () => await status(port, requestHead("/readyz")) === 200,
        `${proxy.program} on port ${port}`,
      );
    }
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

/** The status of an answer; 0 while the port is closed. */
async function status(
  port: number,
  head: string,
  hostname = "127.0.0.1",
): Promise<number> {
  try {
    const closing = head.replace("\r\n\r\n", "\r\nX-Test: 1\r\n\r\n");
    return (await exchange({ hostname, port }, closing)).status;
  } catch {
    return 0;
  }
}

const isLinux = Deno.build.os === "linux" && permitted({ name: "run" });

for (const proxy of PROXIES) {
  const { program, version } = proxy;
  const isHere = isLinux && isInstalled(program, ...version);
  testWith(
    { ...NEEDS, read: true, write: true, linux: true },
    `${program} in front${isHere ? "" : ` (ignored: needs ${program})`}`,
    {
      ignore: !isHere,
      async fn(t) {
        await using server = await startAll({
          ADMIN_TOKEN,
          TRUST_PROXY: "1",
          IDLE_TIMEOUT: "2",
        });
        await using ports = await startProxy(proxy, server);
        const urls = LISTENERS.map(({ name }) =>
          `ws://127.0.0.1:${ports[name]}/ws`
        );

        await t.step(
          "passes on WebSockets of both listeners",
          () =>
            showingLog(server, async () => {
              for (const url of urls) {
                await using client = await connect(url);
                client.send("echo");
                assertEquals(await client.next(), "echo");
                client.send(new Uint8Array(100_000));
                assertEquals(
                  (await client.next() as Uint8Array).length,
                  100_000,
                );
              }
            }),
        );

        await t.step(
          "adds the client's address to the one that it sent",
          () =>
            showingLog(server, async () => {
              for (const { name } of LISTENERS) {
                const since = server.lines.length;
                const head = handshake("/nowhere", {
                  "X-Forwarded-For": "203.0.113.9",
                });
                assertEquals(await status(ports[name], head), 404);
                const line = await server.logged("Refused with 404", since);
                assertMatch(line, / client=127\.0\.0\.1 /);
              }
            }),
        );

        await t.step(
          "permits the admin paths to this machine's loopback addresses only",
          () =>
            showingLog(server, async () => {
              const paths = ["/drain", "/metrics", "/sessions", "/sessions/1"];
              for (const path of paths) {
                const head = requestHead(path);
                const own = await status(ports.edge, head);
                assertEquals([0, 403].includes(own), false, `${path}: ${own}`);
                // The source of these connections is the same address.
                for (const address of ipv4Addresses("0.0.0.0")) {
                  const other = await status(ports.edge, head, address);
                  assertEquals(other, 403, `${path} from ${address}`);
                }
              }
            }),
        );

        await t.step(
          "keeps a silent connection, whose PINGs pass",
          () =>
            showingLog(server, async () => {
              for (const url of urls) {
                // A machine that delays a PING lets the proxy's timeout pass.
                await inOneAttempt(async () => {
                  await using client = await connect(url);
                  // The third PING comes after the proxy's timeout of 2 seconds.
                  for (let pings = 0; pings < 3; pings++) await client.ping();
                  client.send("still here");
                  assertEquals(await client.next(), "still here");
                });
              }
            }),
        );

        await t.step(
          "passes on the closes of a drain, and refuses new clients",
          () =>
            showingLog(server, async () => {
              const clients = await Promise.all(
                urls.map((url) => connect(url)),
              );
              const { status: accepted } = await callAdmin(
                server,
                "POST",
                "/drain",
              );
              assertEquals(accepted, 202);
              for (const client of clients) {
                const { code } = await within(client.closed, "the CLOSE");
                assertEquals(code, 1012);
              }
              for (const { name } of LISTENERS) {
                assertEquals(await status(ports[name], handshake("/ws")), 503);
              }
            }),
        );
      },
    },
  );
}
