import { assert, assertEquals } from "@std/assert";
import { ATTACKS, SHORT_ATTACKS } from "../hostile/attacks/attacks.ts";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

const README = new URL("tests/hostile/README.md", ROOT);

/** The cells of the rows of a table whose first column has this title. */
function tableOf(document: string, title: string): string[][] {
  const lines = document.split("\n");
  const head = lines.findIndex((line) =>
    new RegExp(`^\\| ${title} +\\|`).test(line)
  );
  assert(head >= 0, `no table "${title}"`);
  const rows = lines.slice(head + 2);
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|")))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

testWith(
  { read: true },
  "tests/hostile/README.md lists every attack as the code has it",
  async () => {
    const document = await Deno.readTextFile(README);
    assertEquals(
      tableOf(document, "attack +\\| clients"),
      ATTACKS.map(({ name, peers, listeners }) => [
        name,
        String(peers),
        listeners?.join(", ") ?? "both",
        SHORT_ATTACKS.has(name) ? "yes" : "",
      ]),
    );
  },
);

testWith(
  { read: true },
  "tests/hostile/README.md has figures of attacks that exist",
  async () => {
    const document = await Deno.readTextFile(README);
    const names = new Set(ATTACKS.map(({ name }) => name));
    const rows = tableOf(document, "attack +\\| frame listener");
    const unknown = rows.map(([attack]) => attack!.replace(/^[\d ]+ × /, ""))
      .filter((name) => !names.has(name));
    assertEquals(unknown, []);
  },
);

Deno.test("SHORT_ATTACKS has names of attacks only", () => {
  const names = new Set(ATTACKS.map(({ name }) => name));
  assertEquals([...SHORT_ATTACKS].filter((name) => !names.has(name)), []);
});
