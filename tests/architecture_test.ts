/**
 * The architecture: imports go down the layers of lib/README.md, folders form no
 * cycle, and folders stay small.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import readme from "../lib/README.md" with { type: "text" };
import { testWith } from "./permissions.ts";

const ROOT = new URL("../", import.meta.url);

/** Source files in a folder. */
const MAX_FILES = 13;

/** Source files at the top of lib/, which every part needs. */
const MAX_TOP_FILES = 6;

/** Paths of files, each with the paths that it imports. */
type Graph = ReadonlyMap<string, readonly string[]>;

/** The layers from top to bottom; the entries of one layer do not import each other. */
type Layers = readonly (readonly string[])[];

const LAYERS = parseLayers(readme);

/** Reads the list of layers from a document. */
function parseLayers(markdown: string): Layers {
  const block = /^```layers\n([^`]+)^```$/m.exec(markdown)?.[1] ?? "";
  return block.trim().split("\n").map((line) => line.split(" "));
}

/** The relative specifiers of a module: static, type-only, dynamic and side-effect imports. */
function specifiersOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
    .map((match) => match[1]!);
}

/** Resolves a relative specifier to a path below the root. */
function resolve(specifier: string, from: string): string {
  const base = "file:///";
  return new URL(specifier, base + from).href.slice(base.length);
}

/** The layer of a file, and the entry that it belongs to. */
function layerOf(
  file: string,
  layers: Layers,
): { readonly rank: number; readonly entry: string } | undefined {
  return layers
    .flatMap((entries, rank) => entries.map((entry) => ({ rank, entry })))
    .filter(({ entry }) => file === entry || file.startsWith(`${entry}/`))
    .toSorted((a, b) => b.entry.length - a.entry.length)[0];
}

/** Imports that do not go down. */
function upwardImports(graph: Graph, layers: Layers): string[] {
  const found: string[] = [];
  for (const [file, imports] of graph) {
    const from = layerOf(file, layers);
    for (const imported of imports) {
      const to = layerOf(imported, layers);
      if (from === undefined || to === undefined || from.entry === to.entry) {
        continue;
      }
      if (to.rank <= from.rank) found.push(`${file} -> ${imported}`);
    }
  }
  return found;
}

/** Files that no layer has. */
function filesWithoutLayer(graph: Graph, layers: Layers): string[] {
  return [...graph.keys()].filter((file) => !layerOf(file, layers));
}

/** The folder of a file; a file at the top of the project or of lib/ stands for itself. */
function folderOf(file: string): string {
  const folder = file.slice(0, Math.max(0, file.lastIndexOf("/")));
  return folder === "" || folder === "lib" ? file : folder;
}

/** Folders that import each other, directly or through others. */
function cycles(graph: Graph): string[] {
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const from = folderOf(file);
    const targets = folders.get(from) ?? new Set();
    folders.set(from, targets);
    for (const to of imports.map(folderOf)) if (to !== from) targets.add(to);
  }
  const reachable = (start: string) => {
    const seen = new Set<string>();
    const pending = [start];
    for (let folder; (folder = pending.pop()) !== undefined;) {
      for (const next of folders.get(folder) ?? []) {
        if (!seen.has(next)) pending.push(next);
        seen.add(next);
      }
    }
    return seen;
  };
  return [...folders.keys()].filter((folder) => reachable(folder).has(folder));
}

/** Folders with too many source files. */
function largeFolders(files: readonly string[]): string[] {
  const sizes = Object.groupBy(
    files,
    (file) => file.slice(0, Math.max(0, file.lastIndexOf("/"))),
  );
  return Object.entries(sizes)
    .filter(([folder, files]) =>
      files!.length > (folder === "lib" ? MAX_TOP_FILES : MAX_FILES)
    )
    .map(([folder, files]) => `${folder}: ${files!.length}`);
}

/** The source files below a folder. */
async function sourceFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    if (isDirectory) found.push(...await sourceFiles(`${folder}${name}/`));
    else if (name.endsWith(".ts")) found.push(folder + name);
  }
  return found;
}

/** The files of the program with their imports, but for deno.json. */
async function programGraph(): Promise<Graph> {
  const graph = new Map<string, string[]>();
  for (
    const file of [
      "main.ts",
      ...await sourceFiles("handlers/"),
      ...await sourceFiles("lib/"),
    ]
  ) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    const imports = specifiersOf(source)
      .map((specifier) => resolve(specifier, file))
      .filter((path) => path !== "deno.json");
    graph.set(file, imports);
  }
  return graph;
}

testWith({ read: true }, "every import goes down the layers", async () => {
  assertEquals(upwardImports(await programGraph(), LAYERS), []);
});

testWith({ read: true }, "every file belongs to a layer", async () => {
  assertEquals(filesWithoutLayer(await programGraph(), LAYERS), []);
});

testWith({ read: true }, "every layer has a file", async () => {
  const files = [...(await programGraph()).keys()];
  const used = new Set(files.map((file) => layerOf(file, LAYERS)?.entry));
  assertEquals(LAYERS.flat().filter((entry) => !used.has(entry)), []);
});

testWith({ read: true }, "folders form no cycle", async () => {
  assertEquals(cycles(await programGraph()), []);
});

testWith({ read: true }, "every import is that of a file", async () => {
  const graph = await programGraph();
  const missing: string[] = [];
  for (const [file, imports] of graph) {
    for (const path of imports.filter((path) => path.endsWith(".ts"))) {
      if (!graph.has(path)) missing.push(`${file} -> ${path}`);
    }
  }
  assertEquals(missing, []);
  const edges = [...graph.values()].flat().length;
  assert(edges > graph.size, `only ${edges} imports were found`);
});

/** The specifiers of a module that are not relative. */
function foreignSpecifiersOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*"([^."][^"]*)"/g)]
    .map((match) => match[1]!);
}

testWith(
  { read: true },
  "a file of lib imports no name that needs an import map",
  async () => {
    const found: string[] = [];
    for (const file of await sourceFiles("lib/")) {
      const source = await Deno.readTextFile(new URL(file, ROOT));
      const names = foreignSpecifiersOf(source)
        .filter((name) => !/^(?:node|npm):/.test(name));
      found.push(...names.map((name) => `${file} -> ${name}`));
    }
    assertEquals(found, []);
  },
);

Deno.test("foreignSpecifiersOf() finds bare names and schemes", () => {
  const source = `
import { a } from "@std/log";
import { b } from "./relative.ts";
export { c } from "npm:c@1.0.0";
const d = await import("node:d");
/** import { e } from "e"; */
`;
  assertEquals(foreignSpecifiersOf(source), [
    "@std/log",
    "npm:c@1.0.0",
    "node:d",
  ]);
});

testWith({ read: true }, "no folder has too many source files", async () => {
  assertEquals(largeFolders([...(await programGraph()).keys()]), []);
});

const LAYERS_OF_FIXTURES: Layers = [["main.ts"], ["lib/a", "lib/b"], [
  "lib/c.ts",
]];

for (
  const [what, graph, expected] of [
    ["an import that goes down", { "lib/a/x.ts": ["lib/c.ts"] }, []],
    ["an import in a folder", { "lib/a/x.ts": ["lib/a/deep/y.ts"] }, []],
    ["an import that goes up", { "lib/c.ts": ["lib/a/x.ts"] }, [
      "lib/c.ts -> lib/a/x.ts",
    ]],
    ["an import of a neighbour", { "lib/a/x.ts": ["lib/b/y.ts"] }, [
      "lib/a/x.ts -> lib/b/y.ts",
    ]],
  ] as const
) {
  Deno.test(`upwardImports() judges ${what}`, () => {
    const fixture = new Map(Object.entries(graph));
    assertEquals(upwardImports(fixture, LAYERS_OF_FIXTURES), [...expected]);
  });
}

Deno.test("filesWithoutLayer() finds a folder without a layer", () => {
  const graph = new Map([["lib/new/x.ts", []], ["lib/a/x.ts", []]]);
  assertEquals(filesWithoutLayer(graph, LAYERS_OF_FIXTURES), ["lib/new/x.ts"]);
});

Deno.test("cycles() finds folders that import each other through a third", () => {
  const graph = new Map([
    ["lib/a/x.ts", ["lib/b/x.ts", "lib/a/y.ts"]],
    ["lib/b/x.ts", ["lib/b/deep/x.ts"]],
    ["lib/b/deep/x.ts", ["lib/a/y.ts"]],
    ["lib/a/y.ts", ["lib/c.ts"]],
  ]);
  assertEquals(cycles(graph), ["lib/a", "lib/b", "lib/b/deep"]);
});

Deno.test("largeFolders() finds a folder of 14 files and a seventh file at the top of lib", () => {
  const files = (folder: string, length: number) =>
    Array.from({ length }, (_, index) => `${folder}/${index}.ts`);
  assertEquals(
    largeFolders([...files("lib/a", 13), ...files("lib/b", 14)]),
    ["lib/b: 14"],
  );
  assertEquals(largeFolders(files("lib", 7)), ["lib: 7"]);
});

Deno.test("specifiersOf() finds every form of import, and none in a comment", () => {
  const source = `
import "./side_effect.ts";
import type { A } from "./type.ts";
import {
  b,
} from "../static.ts";
export { c } from "./export.ts";
const d = await import("./dynamic.ts");
const e = await import(
  "./broken_line.ts"
);
import text from "./page.html" with { type: "text" };
import { f } from "npm:f";
// import "./comment.ts";
/** See import("./doc.ts"). */
 * import "./block.ts";
`;
  assertEquals(specifiersOf(source), [
    "./side_effect.ts",
    "./type.ts",
    "../static.ts",
    "./export.ts",
    "./dynamic.ts",
    "./broken_line.ts",
    "./page.html",
  ]);
});

Deno.test("lib/README.md lists the layers from main.ts down", () => {
  assertEquals(LAYERS[0], ["main.ts"]);
  assert(LAYERS.length > 20, "the block of layers was not found");
});
