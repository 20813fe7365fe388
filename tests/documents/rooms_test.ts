import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

/** Finds the README of each room. */
async function* readmes(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* readmes(new URL(`${name}/`, folder));
    else if (name === "README.md") yield new URL(name, folder);
  }
}

/** Links relative to the document, and paths of tests in its commands. */
function pathsOf(document: string): [links: string[], paths: string[]] {
  const links = document.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g);
  const paths = document.matchAll(
    /(?<![\w/.-])tests\/[\w/.-]*\w/g,
  );
  return [
    [...links].map(([, link]) => link!),
    [...paths].map(([path]) => path),
  ];
}

async function exists(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}

testWith(
  { read: true },
  "READMEs link to files and name tests that exist",
  async () => {
    const missing: string[] = [];
    for (const folder of ["lib/", "handlers/", "tests/"]) {
      for await (const readme of readmes(new URL(folder, ROOT))) {
        const [links, paths] = pathsOf(await Deno.readTextFile(readme));
        const urls = [
          ...links.map((link) => new URL(link, readme)),
          ...paths.map((path) => new URL(path, ROOT)),
        ];
        for (const url of urls) {
          if (await exists(url)) continue;
          missing.push(`${readme.pathname}: ${url.pathname}`);
        }
      }
    }
    assertEquals(missing, []);
  },
);

testWith(
  { read: true },
  "READMEs with a table of files list all files of their folder",
  async () => {
    for (const room of ["http", "protocol", "scheduling"]) {
      const folder = new URL(`lib/${room}/`, ROOT);
      const readme = await Deno.readTextFile(new URL("README.md", folder));
      const rows = readme.matchAll(/^\| `(\w+\.ts)` /gm);
      const files = await Array.fromAsync(Deno.readDir(folder), (f) => f.name);
      assertEquals(
        [...rows].map(([, file]) => file!).toSorted(),
        files.filter((name) => name.endsWith(".ts")).toSorted(),
        room,
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
