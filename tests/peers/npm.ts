/**
 * Packages of other runtimes, from the npm registry: neither the start of the
 * service nor its tests download them before they are asked for.
 *
 * @module
 */

/** The versions that are compared with. */
export const VERSIONS = {
  bun: "1.4.5",
  crossws: "0.4.17",
  ws: "8.23.0",
} as const;

/** Bun's package for this machine: the one that holds the program itself. */
const BUN = `@oven/bun-${Deno.build.os}-${
  Deno.build.arch === "x86_64" ? "x64" : Deno.build.arch
}`;

/** Where the packages are, or why they are not. */
export type NpmModules =
  | {
    readonly ok: true;
    /** The directory `node_modules`. */
    readonly path: string;
    /** Bun's program. */
    readonly bun: string;
  }
  | { readonly ok: false; readonly reason: string };

/** Names of the packages. */
export type PackageName = keyof typeof VERSIONS;

const ALL = Object.keys(VERSIONS) as PackageName[];

const installed = new Map<string, Promise<NpmModules>>();

/**
 * Has npm fetch packages, once; npm keeps them for the next time. No package's
 * own scripts are run.
 *
 * @param names of the packages; all without it
 */
export function npmModules(
  names: readonly PackageName[] = ALL,
): Promise<NpmModules> {
  const key = names.join();
  const found = installed.get(key) ?? install(names);
  installed.set(key, found);
  return found;
}

async function install(names: readonly PackageName[]): Promise<NpmModules> {
  const packages = names.map((name) =>
    `${name === "bun" ? BUN : name}@${VERSIONS[name]}`
  );
  // A program that npm runs has the packages' node_modules/.bin first in PATH.
  const printPath = "process.stdout.write(process.env.PATH)";
  try {
    const { success, stdout, stderr } = await new Deno.Command("npm", {
      args: [
        "exec",
        "--yes",
        "--ignore-scripts",
        ...packages.map((name) => `--package=${name}`),
        "--",
        "node",
        "-e",
        printPath,
      ],
      stdin: "null",
    }).output();
    if (!success) {
      const [line] = new TextDecoder().decode(stderr).trim().split("\n");
      return { ok: false, reason: `npm: ${line}` };
    }
    const [first] = new TextDecoder().decode(stdout).split(":");
    const path = first!.replace(/\/\.bin$/, "");
    return { ok: true, path, bun: `${path}/${BUN}/bin/bun` };
  } catch (error) {
    return { ok: false, reason: `no npm: ${(error as Error).message}` };
  }
}
