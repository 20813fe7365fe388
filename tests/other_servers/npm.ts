/**
 * npm packages of other WebSocket servers and clients, installed when a test or the benchmark
 * first needs them.
 *
 * @module
 */

/** The versions of the packages. */
export const VERSIONS = {
  bun: "1.4.5",
  crossws: "0.4.17",
  undici: "7.30.2",
  ws: "8.23.0",
} as const;

/** The package with Bun's program for this machine. */
const BUN = `@oven/bun-${Deno.build.os}-${
  Deno.build.arch === "x86_64" ? "x64" : Deno.build.arch
}`;

/** The installed packages, or the reason why there are none. */
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

/** The packages of the servers; `undici` has a client only. */
const SERVERS: readonly PackageName[] = ["bun", "crossws", "ws"];

const installed = new Map<string, Promise<NpmModules>>();

/**
 * Installs packages into npm's cache, without running their scripts.
 *
 * @param names of the packages; by default those of the servers
 */
export function npmModules(
  names: readonly PackageName[] = SERVERS,
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
  // `npm exec` puts the packages' node_modules/.bin first in PATH.
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
