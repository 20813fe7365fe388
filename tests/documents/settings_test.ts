import { assertEquals } from "@std/assert";
import readme from "../../lib/config/README.md" with { type: "text" };
import { SETTINGS } from "../../lib/config/settings.ts";

Deno.test("lib/config/README.md has every setting with its default, in order", () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)]
    .map(([, name, fallback]) => [name, fallback]);
  assertEquals(
    rows,
    Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
  );
});
