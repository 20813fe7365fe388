import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { COLUMNS, rows } from "../reactions/table.ts";
import { tableRows } from "./table_rows.ts";

testWith(
  { read: true },
  "tests/reactions/README.md has the expected reaction of each client to each fault",
  async () => {
    const path = "tests/reactions/README.md";
    assertEquals(await tableRows(path, "fault"), rows());
    const text = await Deno.readTextFile(
      new URL(`../../${path}`, import.meta.url),
    );
    const [head] = text.split("\n").filter((line) =>
      line.startsWith("| fault")
    );
    assertEquals(
      head!.split("|").slice(1, -1).map((cell) => cell.trim()),
      COLUMNS,
    );
  },
);
