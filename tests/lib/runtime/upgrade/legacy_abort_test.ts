import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWith } from "../../../permissions.ts";
import { runDeno } from "../../../program.ts";

const MODULE = new URL(
  "../../../../lib/runtime/upgrade/legacy_abort.ts",
  import.meta.url,
);

const NEEDS = { run: true, read: true } as const;

/** Upgrades two requests in a process without flags; returns what it writes to stderr. */
async function stderrOf(upgrade: string): Promise<string> {
  const { code, error } = await runDeno([
    "eval",
    "--no-config",
    `
    import { upgradeQuietly } from ${JSON.stringify(MODULE.href)};
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
    }, (request) => {
      request.signal;
      return ${upgrade}(request, {}).response;
    });
    for (let i = 0; i < 2; i++) {
      const socket = new WebSocket("ws://127.0.0.1:" + server.addr.port);
      await new Promise((resolve) => socket.onopen = resolve);
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    }
    await server.shutdown();
    console.warn("own warning");
    `,
  ]);
  assertEquals(code, 0, error);
  return error;
}

testWith(
  NEEDS,
  "upgradeQuietly() leaves only the program's own warnings",
  async () => {
    assertEquals(await stderrOf("upgradeQuietly"), "own warning\n");
  },
);

testWith(
  NEEDS,
  "runtime still warns of its signal at the first upgrade, once",
  async () => {
    const error = await stderrOf("Deno.upgradeWebSocket");
    assertStringIncludes(error, "--unstable-no-legacy-abort");
    assertEquals(error.trim().split("\n").length, 2, error);
  },
);
