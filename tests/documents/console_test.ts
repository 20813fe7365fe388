import { assert, assertEquals } from "@std/assert";
import {
  DEFAULT_SETUP,
  fromFragment,
  toFragment,
} from "../../handlers/console/page/connection/setup.js";
import { testWith } from "../permissions.ts";

const README = new URL("../../handlers/console/README.md", import.meta.url);

/** The rows of the table of link fields: name and default value. */
async function linkFields(): Promise<(readonly [string, string])[]> {
  const readme = await Deno.readTextFile(README);
  const rows = readme.matchAll(/^\| `([\w.]+)` +\| (?:`([^`]*)`)? +\|/gm);
  return [...rows].map(([, name, value]) => [name!, value ?? ""]);
}

testWith(
  { read: true },
  "console's README lists the link fields with their defaults",
  async () => {
    const { parameters: _, ...defaults } = DEFAULT_SETUP;
    assertEquals(
      (await linkFields()).toSorted(),
      [...Object.entries(defaults), ["query.NAME", ""] as const].toSorted(),
    );
  },
);

testWith(
  { read: true },
  "console's README has a link that the page can read",
  async () => {
    const readme = await Deno.readTextFile(README);
    const [, fragment = ""] = /`\/#([^`]+)`/.exec(readme) ?? [];
    const setup = fromFragment(fragment);
    assertEquals(setup.parameters, { report: "1" });
    const rewritten = toFragment(setup, []);
    assert(rewritten.includes("path=/frames"), rewritten);
    assert(rewritten.includes("server=frame"), rewritten);
  },
);
