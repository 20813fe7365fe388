import { assertEquals } from "@std/assert";
import readme from "../../lib/config/README.md" with { type: "text" };
import { SETTINGS } from "../../lib/config/settings.ts";

const ROW = /^\| `([A-Z_]+)` +\| `([^`]+)` +\| (.*?) +\|$/gm;

const LINK = /\[([^\]]*)\]\([^)]*\)/g;

Deno.test("lib/config/README.md has every setting with its default and its meaning, in order", () => {
  const [, section] = readme.split("\n## Settings\n");
  const [table] = section!.split("\n## ");
  const rows = [...table!.matchAll(ROW)]
    .map(([, name, fallback, meaning]) => [
      name,
      fallback,
      meaning!.replace(LINK, "$1"),
    ]);
  assertEquals(
    rows,
    Object.entries(SETTINGS).map((
      [name, setting],
    ) => [name, setting.default, setting.meaning]),
  );
});
