import { assertEquals } from "@std/assert";
import { isUpgradable } from "../../../lib/runtime/upgrade_field.ts";
import { exchange } from "../../integration/support/raw.ts";
import { handshake } from "../../integration/support/wire.ts";
import { testWith } from "../../permissions.ts";

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

Deno.test("isUpgradable() is false in doubt, where the runtime does not show the lines", () => {
  const headers = {
    get: () => "h2c, websocket",
    forEach() {},
  } as unknown as Headers;
  assertEquals(isUpgradable(headers), false);
});
