import { assertEquals, assertStringIncludes } from "@std/assert";
import { isUpgraded } from "../../../../lib/runtime/upgrade/own_upgrade.ts";
import { testWith } from "../../../permissions.ts";
import { runDeno } from "../../../program.ts";

const MODULE = new URL(
  "../../../../lib/runtime/upgrade/own_upgrade.ts",
  import.meta.url,
);

const NEEDS = { run: true, read: true } as const;

/**
 * A handler upgrades a request and returns another response; shows whether the server has
 * ended, or else its answers.
 */
function runServer(response: string) {
  return runDeno([
    "eval",
    "--no-config",
    `
    import { failedUpgrade } from ${JSON.stringify(MODULE.href)};
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
    }, (request) => {
      if (!request.headers.has("upgrade")) return new Response("alive");
      Deno.upgradeWebSocket(request);
      return ${response};
    });
    const { port } = server.addr;
    const socket = new WebSocket("ws://127.0.0.1:" + port);
    const failed = new Promise((resolve) => {
      socket.onerror = () => resolve("failed");
      socket.onopen = () => resolve("open");
    });
    const ended = server.finished.then(() => "ended");
    const first = await Promise.race([failed, ended]);
    if (first === "ended") {
      console.log(first);
      Deno.exit();
    }
    const alive = await fetch("http://127.0.0.1:" + port);
    console.log(first, await alive.text());
    Deno.exit();
    `,
  ]);
}

testWith(
  NEEDS,
  "runtime still ends a server whose handler upgrades a request and returns another response",
  async () => {
    const { out, error } = await runServer("new Response()");
    assertEquals(out, "ended\n");
    assertStringIncludes(error, "Upgrade response was not returned");
  },
);

testWith(
  NEEDS,
  "failedUpgrade() fails the client's handshake, and the server continues",
  async () => {
    const { out, error } = await runServer("failedUpgrade()");
    assertEquals([out, error], ["failed alive\n", ""]);
  },
);

Deno.test("isUpgraded() is false for a request that was not upgraded", () => {
  assertEquals(isUpgraded(new Request("http://localhost/")), false);
});
