import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../lib/config/version.ts";
import { runToEnd } from "../integration/support/server.ts";
import { isInstalled } from "../installed.ts";
import { permitted, testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = "lib/process/recipes/";

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

testWith(
  { read: true },
  "lib/process/recipes/README.md lists every file",
  async () => {
    const rows = await tableRows(`${FOLDER}README.md`, "file");
    const listed = rows.map(([cell]) => /^\[(.*)\]/.exec(cell!)![1]!);
    const files = [...Deno.readDirSync(new URL(FOLDER, ROOT))]
      .map(({ name }) => name).filter((name) => name !== "README.md");
    assertEquals(listed.sort(), [...files, "Dockerfile"].sort());
  },
);

testWith(
  { read: true },
  "the recipes name the version of deno.json",
  async () => {
    const text = await read(`${FOLDER}kubernetes.yaml`);
    assert(text.includes(`image: ws-echo-server:${VERSION}\n`));
  },
);

for (
  const [file, allowed] of [
    ["nginx.conf", /\ballow (\S+);/g],
    ["haproxy.cfg", /!\{ src (.*) \}/g],
    ["Caddyfile", /\bnot remote_ip (.*)$/gm],
  ] as const
) {
  testWith(
    { read: true },
    `${file} permits the admin paths to the loopback addresses`,
    async () => {
      const found = (await read(`${FOLDER}${file}`)).matchAll(allowed);
      const addresses = [...found].flatMap(([, list]) => list!.split(" "));
      assertEquals(addresses, ["127.0.0.0/8", "::1"]);
    },
  );
}

testWith({ read: true }, "the recipes name one version of Deno", async () => {
  const versions = new Set<string>();
  for (
    const path of [
      "Dockerfile",
      `${FOLDER}github-actions.yml`,
      ".github/workflows/ci.yml",
      ".ci/run",
      "README.md",
    ]
  ) {
    const found = (await read(path)).matchAll(/deno[@:](\d+\.\d+\.\d+)/g);
    for (const [, version] of found) versions.add(version!);
  }
  assertEquals(versions.size, 1, [...versions].join());
});

testWith(
  { read: true },
  "the image caches the client of Redis that the bus imports",
  async () => {
    const [, client] = /"(client@\d[^"]+)"/.exec(
      await read("lib/cluster/bus/redis_channel.ts"),
    )!;
    assert((await read("Dockerfile")).includes(` npm:@redis/${client} `));
  },
);

const hasShell = Deno.build.os !== "windows";

testWith(
  { run: true, read: true, env: true, net: true },
  `the commands of the Procfile and the systemd unit start the service${
    hasShell ? "" : " (ignored: needs a shell)"
  }`,
  {
    ignore: !hasShell,
    async fn() {
      const [, web] = /^web: (.*)$/m.exec(await read(`${FOLDER}Procfile`))!;
      const unit = await read(`${FOLDER}ws-echo-server.service`);
      const [, start] = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit)!;
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      for (const command of [web!, start!]) {
        const line = command
          .replaceAll("/usr/local/bin/deno", "deno")
          .replaceAll(/\bdeno (?=run|task)/g, `"${Deno.execPath()}" `);
        // It gets as far as its port, which is taken.
        const env = { PORT: String(taken.addr.port) };
        const program = `const { code, stderr } = new Deno.Command("/bin/sh", {
          args: ["-c", Deno.args[0]] }).outputSync();
          console.error(new TextDecoder().decode(stderr)); Deno.exit(code);`;
        const { code, stderr } = await runToEnd(env, ["eval", program, line]);
        assertEquals(code, 1, stderr.join("\n"));
        assertMatch(stderr.join("\n"), /PORT=\d+ is in use/);
      }
    },
  },
);

const hasAnalyze = Deno.build.os === "linux" && permitted({ name: "run" }) &&
  isInstalled("systemd-analyze", "--version");

testWith(
  { run: true, read: true, write: true, linux: true },
  `systemd accepts the unit, and rates its exposure below 2${
    hasAnalyze ? "" : " (ignored: needs systemd-analyze)"
  }`,
  {
    ignore: !hasAnalyze,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const path = `${folder}/ws-echo-server.service`;
        const unit = (await read(`${FOLDER}ws-echo-server.service`))
          .replaceAll("/opt/ws-echo-server", folder);
        await Deno.writeTextFile(path, unit);
        const run = async (...args: string[]) => {
          const { success, stdout, stderr } = await new Deno.Command(
            "systemd-analyze",
            { args: [...args, path] },
          ).output();
          const text = new TextDecoder().decode(stdout) +
            new TextDecoder().decode(stderr);
          assert(success, text);
          return text;
        };
        assertEquals(await run("verify"), "");
        const rating = await run("security", "--offline=true");
        const [, level] = /exposure level for .*: ([\d.]+)/.exec(rating)!;
        assert(Number(level) < 2, level);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
);
