import { assertEquals } from "@std/assert";
import { TAGS } from "../../lib/log/log.ts";
import { testWith } from "../permissions.ts";

const README = new URL("../../lib/log/README.md", import.meta.url);

testWith({ read: true }, "lib/log/README.md lists the tags", async () => {
  const readme = await Deno.readTextFile(README);
  const rows = readme.matchAll(/^\| `(\w+)` +\|/gm);
  assertEquals([...rows].map(([, tag]) => tag!), [...TAGS]);
});
