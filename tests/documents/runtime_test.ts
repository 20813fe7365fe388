import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

/** The files in the tables of the README, and the tests that they name. */
async function readTables(): Promise<Map<string, string | undefined>> {
  const readme = await Deno.readTextFile(
    new URL("lib/runtime/README.md", ROOT),
  );
  const rows = readme.matchAll(/^\| `([\w/]+\.ts)` .*\| ([^|]+?) +\|$/gm);
  return new Map(
    [...rows].map(([, file, shown]) => [file!, /"(.+)"/.exec(shown!)?.[1]]),
  );
}

/** The source files in a folder, with those of its folders. */
async function filesIn(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      const below = new URL(`${name}/`, folder);
      files.push(...await filesIn(below, `${prefix}${name}/`));
    } else if (name.endsWith(".ts")) files.push(prefix + name);
  }
  return files;
}

/** The text of all files in a folder, with those of its folders. */
async function readAll(folder: URL): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    text += isDirectory
      ? await readAll(new URL(`${name}/`, folder))
      : await Deno.readTextFile(new URL(name, folder));
  }
  return text;
}

testWith(
  { read: true },
  "lib/runtime/README.md has a row for each file of the folder",
  async () => {
    const tables = await readTables();
    const files = await filesIn(new URL("lib/runtime/", ROOT));
    const rows = [...tables.keys()];
    assertEquals(rows.slice(0, files.length), files.sort());
    for (const file of rows.slice(files.length)) {
      await Deno.stat(new URL(`lib/${file}`, ROOT));
    }
  },
);

testWith(
  { read: true },
  'lib/runtime/README.md names the tests "runtime still …"',
  async () => {
    const tests = await readAll(new URL("tests/lib/", ROOT));
    const names = [...tests.matchAll(/"(runtime still [^"]+)"/g)];
    const tables = await readTables();
    assertEquals(
      [...tables.values()].filter((name) => name !== undefined).sort(),
      names.map(([, name]) => name!).sort(),
    );
  },
);
