/**
 * The archive of a release: the service, its documents and its packages, which starts on
 * a machine without a network.
 *
 * @module
 */

/** The parts of the project that the archive has, as in `publish` of `deno.json`. */
export const CONTENT = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "handlers",
  "lib",
  "main.ts",
] as const;

/** The lock file with all packages of the service. */
const LOCK = "lib/cluster/bus/deno.lock";

/**
 * Makes the archive of a commit.
 *
 * @param root the project's folder
 * @param commit a commit or a branch
 * @param name name of the archive and of its folder, such as `ws-echo-server-0.1.0`
 * @param folder gets the archive
 * @returns the path of the archive
 */
export async function makeArchive(
  root: string,
  commit: string,
  name: string,
  folder: string,
): Promise<string> {
  const stage = await Deno.makeTempDir();
  try {
    const tree = `${stage}/${name}`;
    await Deno.mkdir(tree);
    await run(root, "git", [
      "archive",
      "-o",
      `${stage}/tree.tar`,
      commit,
      ...CONTENT,
    ]);
    await run(tree, "tar", ["-xf", "../tree.tar"]);
    await addPackages(tree);
    const time = await run(root, "git", ["log", "-1", "--format=%cI", commit]);
    const path = `${folder}/${name}.tar.gz`;
    await Deno.mkdir(folder, { recursive: true });
    // The same commit gives the same archive.
    await run(stage, "tar", [
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      `--mtime=${time.trim()}`,
      "--use-compress-program=gzip -n",
      "-cf",
      path,
      name,
    ]);
    return path;
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/**
 * Downloads the packages into `node_modules`, by their lock file. `manual` makes the
 * runtime look for packages there and nowhere else.
 */
async function addPackages(tree: string): Promise<void> {
  const path = `${tree}/deno.json`;
  const config = await Deno.readTextFile(path);
  const withFolder = (mode: "auto" | "manual") =>
    Deno.writeTextFile(
      path,
      config.replace(/^\{/, `{\n  "nodeModulesDir": "${mode}",`),
    );
  await withFolder("auto");
  await run(tree, Deno.execPath(), [
    "install",
    "--frozen",
    `--lock=${LOCK}`,
    "--entrypoint",
    "main.ts",
  ]);
  await withFolder("manual");
}

/**
 * Runs a program.
 *
 * @returns its output
 * @throws {Error} it fails; the message is its output
 */
export async function run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (success) return text;
  const fault = new TextDecoder().decode(stderr);
  throw new Error(`${program} ${args.join(" ")} failed:\n${text}${fault}`);
}
