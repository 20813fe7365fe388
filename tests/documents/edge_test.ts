import { assert, assertEquals } from "@std/assert";
import { ATTACKS } from "../hostile/attacks/attacks.ts";
import { testWith } from "../permissions.ts";

const README = new URL("../../lib/edge/README.md", import.meta.url);

testWith(
  { read: true },
  "lib/edge/README.md names attacks of deno task attack only",
  async () => {
    const readme = await Deno.readTextFile(README);
    const rows = [
      ...readme.matchAll(/^\| [\d ]+ × ([^|]+?) +\| .* (?:ms|–) +\|/gm),
    ]
      .map(([, name]) => name!);
    const names = ATTACKS.map(({ name }) => name);
    assert(rows.length > 10);
    assertEquals(rows.filter((name) => !names.includes(name)), []);
  },
);

testWith(
  { read: true },
  "lib/edge/README.md names files that exist",
  async () => {
    const readme = await Deno.readTextFile(README);
    const files = [
      ...readme.matchAll(/(?:`|^| {2})((?:\.\.\/|[a-z_]+\/)*[a-z_]+\.ts)/gm),
    ];
    assert(files.length > 10);
    for (const [, file] of files) await Deno.stat(new URL(file!, README));
  },
);
