import { assertEquals } from "@std/assert";
import {
  allowedValues,
  type Parameter,
  PARAMETERS,
} from "../../handlers/script/query/parameters.ts";
import { testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const README = "handlers/script/query/README.md";

const parameters: readonly Parameter[] = PARAMETERS;

testWith(
  { read: true },
  "handlers/script/query/README.md has a row for each parameter",
  async () => {
    assertEquals(
      await tableRows(README, "parameter"),
      parameters.map((parameter) => [
        `\`${parameter.name}\``,
        allowedValues(parameter),
        parameter.listeners.length === 2 ? "both" : parameter.listeners[0],
        parameter.description,
      ]),
    );
  },
);

testWith(
  { read: true },
  "handlers/script/query/README.md has an example for each parameter",
  async () => {
    const text = await Deno.readTextFile(
      new URL(`../../${README}`, import.meta.url),
    );
    assertEquals(
      [...text.matchAll(/^websocat '(.+)'$/gm)].map(([, url]) => url),
      parameters.map(({ example }) => `ws://localhost:8001/ws?${example}`),
    );
  },
);
