import { assertEquals, assertInstanceOf } from "@std/assert";
import { isUpgradable } from "../../../../lib/runtime/upgrade/upgrade_field.ts";
import { exchange, RawClient } from "../../../integration/support/raw.ts";
import { handshake } from "../../../integration/support/wire.ts";
import { within } from "../../../integration/support/within.ts";
import { testWith } from "../../../permissions.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

for (
  const [upgrade, expected] of [
    ["websocket", true],
    ["h2c, websocket", true],
    [["h2c", "websocket"], false],
    [["H2C", "websocket"], false],
    [["h2c", "foo", "websocket"], false],
    [["websocket", "h2c"], true],
    [["foo", "h2c", "websocket"], true],
    [["h2c, foo", "websocket"], true],
  ] as const
) {
  const lines = [upgrade].flat();
  testWith(
    { net: true },
    `isUpgradable() is ${expected} for ${lines.join(" | ")}`,
    async () => {
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        ({ headers }) =>
          new Response(null, { status: isUpgradable(headers) ? 200 : 426 }),
      );
      const { status } = await exchange(
        server.addr,
        handshake("/", { Upgrade: lines, Connection: ["Upgrade", "close"] }),
      );
      assertEquals(status, expected ? 200 : 426);
    },
  );
}

Deno.test("isUpgradable() is false for h2c, websocket when the runtime does not show the lines", () => {
  const headers = {
    get: () => "h2c, websocket",
    forEach() {},
  } as unknown as Headers;
  assertEquals(isUpgradable(headers), false);
});

/** Resolves with the next rejection that is not handled. */
function uncaughtError(): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    resolve(event.reason);
  }, { once: true });
  return promise;
}

// When this fails, upgrade_field.ts can be removed: the runtime refuses or answers.
testWith(
  { net: true },
  "runtime still upgrades a request whose first Upgrade line is h2c, without an answer",
  {
    // The server never ends: the runtime's shutdown waits for the answer.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const failed = uncaughtError();
      const server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        (request) => Deno.upgradeWebSocket(request).response,
      );
      server.unref();
      using _client = await RawClient.connect(
        server.addr,
        handshake("/", { Upgrade: ["h2c", "websocket"] }),
      );
      // The runtime fails to write the answer, outside of all handlers.
      assertInstanceOf(await within(failed, "the error"), TypeError);
    },
  },
);
