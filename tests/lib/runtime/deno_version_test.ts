import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Runs deno in the project's directory. */
async function deno(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

for (
  const [version, isOld] of [
    ["1.46.3", true],
    ["2.5.6", true],
    ["2.7.14", true],
    ["2.8.0", false],
    ["2.10.0", false],
    ["3.0.0", false],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `deno_version.ts ${
      isOld ? "ends the process" : "does nothing"
    } in Deno ${version}`,
    async () => {
      const { code, out, error } = await deno(
        "eval",
        `Object.defineProperty(Deno, "version", { value: { deno: "${version}" } });
        await import("./lib/runtime/deno_version.ts");
        console.log("loaded");`,
      );
      const line =
        `ws_echo_server cannot start: it needs Deno 2.8 or newer, and this is Deno ${version}\n`;
      assertEquals(
        [code, out, error],
        isOld ? [1, "", line] : [0, "loaded\n", ""],
      );
    },
  );
}

/** The part of a module in `deno info --json` that is used here. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
    readonly assertionType?: string;
  }[];
}

testWith(
  { run: true, read: true },
  "main.ts imports deno_version.ts first, and no module that an old Deno cannot load",
  async () => {
    const { out } = await deno("info", "--json", "main.ts");
    const { modules, roots }: { modules: Module[]; roots: string[] } = JSON
      .parse(out);
    const byName = new Map(modules.map((module) => [module.specifier, module]));
    const seen = new Set<string>();
    const queue = [...roots];
    for (const name of queue) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const dependency of byName.get(name)?.dependencies ?? []) {
        if (dependency.isDynamic) continue;
        assert(dependency.assertionType !== "text", `${name} imports a text`);
        if (dependency.code) queue.push(dependency.code.specifier);
      }
    }
    const main = byName.get(roots[0]!)!;
    assert(main.dependencies![0]!.code!.specifier.endsWith("deno_version.ts"));
  },
);
