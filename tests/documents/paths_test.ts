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

/** The sections of tests/README.md whose table lists the folders of a folder. */
const FOLDERS = [
  ["Folders", "tests/", []],
  ["Integration", "tests/integration/", ["support"]],
] as const;

for (const [section, path, unlisted] of FOLDERS) {
  testWith(
    { read: true },
    `tests/README.md lists every folder of ${path}`,
    async () => {
      const text = await Deno.readTextFile(new URL("tests/README.md", ROOT));
      const [, part] = text.split(`\n## ${section}\n`);
      const rows = part!.split("\n## ")[0]!
        .matchAll(/^\| \[?`(\w+)\/`/gm);
      const folders: string[] = [...unlisted];
      for await (
        const { name, isDirectory } of Deno.readDir(new URL(path, ROOT))
      ) {
        if (isDirectory && !folders.includes(name)) folders.push(name);
      }
      const listed = [...rows].map(([, name]) => name!);
      assertEquals([...unlisted, ...listed].sort(), folders.sort());
    },
  );
}
