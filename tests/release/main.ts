/**
 * Checks everything and makes the archive of a release.
 *
 *     deno task release --help
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { parseOptions, runCommand } from "../../lib/config/arguments.ts";
import { VERSION } from "../../lib/config/version.ts";
import { makeArchive } from "./archive.ts";
import { changelogFault, repositoryFaults } from "./checks.ts";
import { tryArchive } from "./trial.ts";

const HELP = `Usage: deno task release [options]

Checks the version, the changelog and the repository, runs deno task check and
deno task test, and makes an archive of the service with its packages. Then it
unpacks the archive and starts the service with an empty cache, and without a
network if the system permits that: the edge listener and the frame listener
must open. Exit code 0: the archive is made; 1: a check failed; 2: invalid
arguments.

--out DIR  directory for the archive; default: release
--draft    make and try the archive of the last commit, without the checks
--help     print this help

Example: deno task release --out /tmp/release`;

const ROOT = new URL("../../", import.meta.url).pathname;

async function release(args: readonly string[]): Promise<number> {
  const { values } = parseOptions(args, {
    out: { type: "string", default: "release" },
    draft: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (!values.draft && !await isReady()) return 1;
  const name = `ws-echo-server-${VERSION}`;
  const folder = await folderOf(values.out);
  const archive = await makeArchive(ROOT, "HEAD", name, folder);
  const { version, isOffline } = await tryArchive(archive);
  console.log(
    `${version} starts ${isOffline ? "without a network" : "(with a network)"}`,
  );
  const hash = await crypto.subtle.digest(
    "SHA-256",
    await Deno.readFile(archive),
  );
  console.log(`${Buffer.from(hash).toString("hex")}  ${archive}`);
  return 0;
}

/** Prints every fault, and whether there is none. */
async function isReady(): Promise<boolean> {
  const changelog = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const faults = [
    changelogFault(changelog, VERSION) ?? [],
    await repositoryFaults(ROOT, VERSION),
  ].flat();
  for (const fault of faults) console.error(`release: ${fault}`);
  if (faults.length > 0) return false;
  for (const task of ["check", "test"]) {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["task", task],
      cwd: ROOT,
    }).spawn().status;
    if (success) continue;
    console.error(`release: deno task ${task} failed`);
    return false;
  }
  return true;
}

/** A relative path is one of the folder in which the task was called. */
async function folderOf(path: string): Promise<string> {
  const base = path.startsWith("/")
    ? ""
    : `${Deno.env.get("INIT_CWD") ?? "."}/`;
  await Deno.mkdir(`${base}${path}`, { recursive: true });
  return await Deno.realPath(`${base}${path}`);
}

if (import.meta.main) await runCommand("release", release);
