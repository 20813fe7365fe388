import { assertEquals } from "@std/assert";
import readme from "../../lib/log/README.md" with { type: "text" };
import { FIELDS } from "../../lib/log/fields.ts";
import { TAGS } from "../../lib/log/log.ts";

/** The rows of the table with this heading, cell by cell. */
function rowsUnder(heading: string): string[][] {
  const [, rest = ""] = readme.split(`\n## ${heading}\n`);
  return [...rest.split("\n## ")[0]!.matchAll(/^\| `.*$/gm)]
    .map(([row]) => row!.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("lib/log/README.md lists the tags", () => {
  const tags = rowsUnder("Format").map(([tag]) => tag);
  assertEquals(tags, TAGS.map((tag) => `\`${tag}\``));
});

Deno.test("lib/log/README.md lists the fields", () => {
  assertEquals(
    rowsUnder("Fields"),
    Object.entries(FIELDS).map((
      [name, { label, meaning }],
    ) => [`\`${name}\``, `\`${label}\``, meaning]),
  );
});
