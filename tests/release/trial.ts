/**
 * The trial of an archive: it is unpacked and started like on a new machine.
 *
 * @module
 */

import { run } from "./archive.ts";

/** The outcome of a trial. */
export interface Trial {
  /** The version that the service prints. */
  readonly version: string;
  /** Whether the service had no network. */
  readonly isOffline: boolean;
  /** The service's output. */
  readonly output: string;
}

/** Starts the service, waits for its line READY, and stops it. */
const PROGRAM = `
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "start", "--port", "0", "--frame-port", "0", "--ready", ...Deno.args],
    stdout: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (/^READY .*\\n/m.test(text)) child.kill("SIGTERM");
  }
  clearTimeout(timer);
  console.log(text);
  Deno.exit((await child.status).code);`;

/**
 * Starts the service of an archive with an empty cache and, if the machine can do that,
 * without a network.
 *
 * @param archive path of the archive
 * @param options of the service
 * @throws {Error} the service does not start, or does not stop with exit code 0
 */
export async function tryArchive(
  archive: string,
  options: readonly string[] = [],
): Promise<Trial> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder, "tar", ["-xzf", archive]);
    const [tree] = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const cwd = `${folder}/${tree}`;
    const env = { DENO_DIR: `${folder}/cache` };
    const isOffline = await canIsolate();
    const program = [Deno.execPath(), "eval", PROGRAM, "--", ...options];
    const [command, ...args] = isOffline ? [...ISOLATE, ...program] : program;
    const output = await run(cwd, command!, args, env);
    const version = await run(
      cwd,
      Deno.execPath(),
      ["task", "-q", "start", "--version"],
      env,
    );
    return { version: version.trim(), isOffline, output };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a program in a network namespace of its own, which has only loopback. */
const ISOLATE = [
  "unshare",
  "--map-root-user",
  "--net",
  "sh",
  "-c",
  'ip link set lo up 2> /dev/null || ifconfig lo up 2> /dev/null; exec "$@"',
  "sh",
];

async function canIsolate(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    await run(".", ISOLATE[0]!, [...ISOLATE.slice(1), "true"]);
    return true;
  } catch {
    return false;
  }
}
