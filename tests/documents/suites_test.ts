import { assertEquals } from "@std/assert";
import { SUITES } from "../../handlers/script/suites/table.ts";
import { testWith } from "../permissions.ts";

testWith(
  { read: true },
  "handlers/script/suites/README.md has a table for each suite",
  async () => {
    const text = await Deno.readTextFile(
      new URL("../../handlers/script/suites/README.md", import.meta.url),
    );
    const parts = text.split("\n## ").slice(1);
    const found = parts.map((part) => {
      const [name] = part.split("\n");
      const [, sources] = /\[Sources\]\(([^)]+)\)/.exec(part) ??
        /\[Sources\]:? ?(\S+)/.exec(part)!;
      const rows = part.split("\n")
        .filter((line) => line.startsWith("|")).slice(2)
        .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
      return { name, sources, rows };
    });
    assertEquals(
      found,
      SUITES.map(({ name, sources, rows }) => ({
        name,
        sources,
        rows: rows.map((
          { name, sentence, path, template = path, note = "" },
        ) => [
          name,
          sentence,
          path === "" ? "–" : `\`${template}\``,
          note,
        ]),
      })),
    );
  },
);
