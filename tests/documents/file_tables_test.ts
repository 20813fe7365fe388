import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

testWith(
  { read: true },
  "READMEs with a table of files list all files of their folder",
  async () => {
    for (
      const name of [
        "client",
        "errors",
        "http",
        "limits",
        "process",
        "protocol",
        "reports",
        "scheduling",
        "testing",
      ]
    ) {
      const folder = new URL(`lib/${name}/`, ROOT);
      const readme = await Deno.readTextFile(new URL("README.md", folder));
      const rows = readme.matchAll(/^\| `(\w+\.ts)` /gm);
      const files = await Array.fromAsync(Deno.readDir(folder), (f) => f.name);
      assertEquals(
        [...rows].map(([, file]) => file!).toSorted(),
        files.filter((name) => name.endsWith(".ts")).toSorted(),
        name,
      );
    }
  },
);

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
