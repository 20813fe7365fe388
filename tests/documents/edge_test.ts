import { assert } from "@std/assert";
import { testWith } from "../permissions.ts";

const README = new URL("../../lib/edge/README.md", import.meta.url);

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
