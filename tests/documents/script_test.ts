import { assertEquals } from "@std/assert";
import { FAULT_ROWS, STEP_ROWS } from "../../handlers/script/catalogue/rows.ts";
import { FAULTS } from "../../handlers/script/faults/table.ts";
import { parsePlan } from "../../handlers/script/notation/parse_plan.ts";
import { STEPS } from "../../handlers/script/steps/table.ts";
import { testWith } from "../permissions.ts";

const FOLDER = new URL("../../handlers/script/", import.meta.url);

/** Reads a document of the room. */
function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, FOLDER));
}

/** The cells of all rows of a document, in their order. */
async function rowsOf(path: string): Promise<string[][]> {
  return (await read(path)).split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

testWith(
  { read: true },
  "handlers/script/steps/README.md has a row for each step",
  async () => {
    const needs = new Map(
      STEPS.map(({ name, needs, keeps }) => [
        name,
        keeps === undefined ? needs : `${needs}, one thread`,
      ]),
    );
    assertEquals(
      await rowsOf("steps/README.md"),
      STEP_ROWS.map(({ name, notation, sentence, client }) => [
        `\`${notation}\``,
        needs.get(name)!,
        sentence,
        client,
      ]),
    );
  },
);

testWith(
  { read: true },
  "handlers/script/faults/README.md has a row for each named plan",
  async () => {
    assertEquals(
      await rowsOf("faults/README.md"),
      FAULT_ROWS.map(({ name, sentence, client, section }) => [
        `\`${name}\``,
        sentence,
        client,
        section,
      ]),
    );
  },
);

for (
  const [path, rows] of [["steps", STEP_ROWS], ["faults", FAULT_ROWS]] as const
) {
  testWith(
    { read: true },
    `handlers/script/${path}/README.md has a heading for each group`,
    async () => {
      const text = await read(`${path}/README.md`);
      const groups = rows.map(({ group }) => group);
      assertEquals(
        [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
        [...new Set(groups)],
      );
    },
  );
}

testWith(
  { read: true },
  "handlers/script/README.md has examples that are valid plans",
  async () => {
    const text = await read("README.md");
    const paths = [...text.matchAll(/^websocat ws:\/\/[^/]+(\/\S+)$/gm)]
      .map(([, path]) => path!.replace(/\?.*/, ""));
    assertEquals(paths.length, 8);
    for (const path of paths) {
      const [, kind, rest] = /^\/(do|fault)\/(.*)$/.exec(path)!;
      const plan = kind === "do" ? rest! : FAULTS.get(rest!)!.plan;
      parsePlan(plan, "frame");
    }
  },
);
