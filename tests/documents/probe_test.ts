import { assertEquals } from "@std/assert";
import { HELP } from "../../lib/probe/arguments.ts";
import { steps } from "../../lib/probe/steps.ts";
import { testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const README = "lib/probe/README.md";

testWith(
  { read: true },
  "lib/probe/README.md has a row for each step",
  async () => {
    assertEquals(
      await tableRows(README, "step"),
      steps().map(({ name, expected, source }) => [
        `\`${name}\``,
        expected,
        source || "–",
      ]),
    );
  },
);

testWith(
  { read: true },
  "lib/probe/README.md has a row for each option of --help",
  async () => {
    const rows = await tableRows(README, "option");
    const options = HELP.matchAll(/^(--.+?) {2,}/gm).map(([, option]) =>
      option
    );
    assertEquals(rows.map(([option]) => option), [
      ...options.map((option) => `\`${option}\``),
    ]);
  },
);
