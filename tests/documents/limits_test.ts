import { assertEquals } from "@std/assert";
import { readConfig } from "../../lib/config/config.ts";
import { testWith } from "../permissions.ts";

const README = new URL("../../lib/limits/README.md", import.meta.url);

/** The defaults of the table of limits, by variable. */
async function defaults(): Promise<Map<string, string>> {
  const readme = await Deno.readTextFile(README);
  const rows = readme.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm);
  return new Map([...rows].map(([, variable, value]) => [variable!, value!]));
}

testWith(
  { read: true },
  "lib/limits/README.md has the defaults of the configuration",
  async () => {
    const variables = await defaults();
    const config = readConfig(() => undefined);
    assertEquals(readConfig((name) => variables.get(name)), config);
    assertEquals(variables.size, 5);
  },
);
