import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";
import { runDeno } from "../program.ts";
import { type Example, examplesOfSymbol, PublicApi } from "./public_api.ts";

const ROOT = new URL("../../", import.meta.url);

/** The configuration of a program that imports the package by its name. */
const CONFIG = {
  imports: {
    ...Object.fromEntries(
      Object.entries(config.exports).map(([name, path]) => [
        `${config.name}${name.slice(1)}`,
        new URL(path, ROOT).href,
      ]),
    ),
    "@std/assert": config.imports["@std/assert"],
  },
  unstable: config.unstable,
  compilerOptions: config.compilerOptions,
};

const IMPORT = /^import (type )?\{([^}]+)\} from "([^"]+)";\n/gm;

/** The imports of all examples: modules, and whether each of their names is a type. */
function importsOf(examples: readonly Example[]): string {
  const modules = new Map<string, Map<string, boolean>>();
  for (const { code } of examples) {
    for (const [, isType, names, module] of code.matchAll(IMPORT)) {
      const known = modules.get(module!) ?? new Map<string, boolean>();
      modules.set(module!, known);
      for (const item of names!.split(",").map((item) => item.trim())) {
        const name = item.replace(/^type /, "");
        const isValue = isType === undefined && name === item;
        if (name !== "") known.set(name, isValue || known.get(name) === true);
      }
    }
  }
  return [...modules].map(([module, names]) => {
    const list = [...names].map(([name, isValue]) =>
      isValue ? name : `type ${name}`
    );
    return `import { ${list.join(", ")} } from "${module}";\n`;
  }).join("");
}

/**
 * Makes one module of all examples. `deno test --doc` makes a module of each, and loads
 * the library for each, which takes much longer.
 */
function moduleOf(examples: readonly Example[]): string {
  const tests = examples.map(({ name, code }) =>
    `Deno.test(${JSON.stringify(name)}, async () => {\n${
      code.replaceAll(IMPORT, "")
    }});\n`
  );
  return `${importsOf(examples)}
const { log } = console;
Deno.test.afterEach(() => { console.log = log; });
${tests.join("")}`;
}

testWith(
  { read: true, run: true },
  "every exported symbol has an example that asserts something",
  async () => {
    const { symbols } = await PublicApi.read();
    const without = symbols
      .filter((symbol) =>
        !examplesOfSymbol(symbol).some(({ code }) => /\bassert\w*\(/.test(code))
      )
      .map(({ name }) => name);
    assertEquals(without, []);
    assert(symbols.length > 100, `only ${symbols.length} symbols were found`);
  },
);

testWith(
  { read: true, run: true },
  "the documentation of the public entry points names no private type",
  async () => {
    const { code, error } = await runDeno(
      ["doc", "--lint", ...Object.values(config.exports)],
    );
    assertEquals(code, 0, error);
  },
);

testWith(
  { read: true, write: true, run: true },
  "the examples of the public entry points run",
  async () => {
    const { examples } = await PublicApi.read();
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(CONFIG));
      // A run with another configuration would change the lock file.
      await Deno.copyFile(
        new URL("tests/deno.lock", ROOT),
        `${folder}/deno.lock`,
      );
      await Deno.writeTextFile(
        `${folder}/examples_test.ts`,
        moduleOf(examples),
      );
      const { code, out, error } = await runDeno([
        "test",
        `--config=${folder}/deno.json`,
        "--no-prompt",
        "--allow-net=127.0.0.1",
        `${folder}/examples_test.ts`,
      ]);
      assertEquals(code, 0, out + error);
      const passed = Number(/(\d+) passed/.exec(out)?.[1]);
      assertEquals(passed, examples.length, out + error);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
