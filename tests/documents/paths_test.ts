import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

for (
  const document of [
    "tests/README.md",
    "tests/bench/README.md",
    "tests/hostile/README.md",
  ]
) {
  testWith({ read: true }, `${document} names files that exist`, async () => {
    const text = await Deno.readTextFile(new URL(document, ROOT));
    const paths = text.matchAll(/\b(?:tests|lib)\/[\w./-]*\w/g);
    const files = new Set([...paths].map(([path]) => path));
    assert(files.size > 0, "no path");
    for (const file of files) {
      if (/README\.md$|results\/last/.test(file)) continue;
      await Deno.stat(new URL(file, ROOT));
    }
  });
}

testWith(
  { read: true },
  "tests/README.md lists every folder of tests/",
  async () => {
    const text = await Deno.readTextFile(new URL("tests/README.md", ROOT));
    const listed = text.matchAll(/^\| \[?`(\w+)\/`/gm);
    const folders: string[] = [];
    for await (const entry of Deno.readDir(new URL("tests/", ROOT))) {
      if (entry.isDirectory) folders.push(entry.name);
    }
    assertEquals([...listed].map(([, name]) => name!), folders.sort());
  },
);
