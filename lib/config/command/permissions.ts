/**
 * The flags of `deno run` for the service: the least permissions for its settings, and
 * the code that it may load. `deno task permissions [options]` prints them.
 *
 * @module
 */

import { UsageError } from "../arguments.ts";
import { readCommandLine } from "./command_line.ts";
import { type Env, SETTINGS, VARIABLES } from "../settings.ts";
import { StartError } from "../start_error.ts";

/** Hosts that the service may always listen on. */
const HOSTS = ["0.0.0.0", "127.0.0.1", "[::]", "[::1]", "localhost"];

/** System information: for the default of MEMORY_LIMIT, and for the startup message. */
const SYS = ["systemMemoryInfo", "networkInterfaces"];

/** The code that threads load; only an archive of a release has `node_modules`. */
const CODE = ["main.ts", "deno.json", "handlers", "lib", "node_modules"];

/** The variable that names another host than that of BUS, such as a proxy's. */
const BUS_HOST = "BUS_HOST";

/** The variables that decide about permissions. */
export const PERMISSION_VARIABLES = [
  "HOST",
  "TLS_CERT",
  "TLS_KEY",
  "WORKERS",
  "BUS",
  BUS_HOST,
] as const;

/**
 * The flags of `deno run` for the service. Settings with an invalid value add none: the
 * service reports them.
 *
 * @param env looks a variable up
 */
export function permissionFlags(env: Env): string[] {
  const bus = busHost(env);
  const isThreaded =
    (SETTINGS.WORKERS.kind.parse(read(env, "WORKERS")) ?? 1) > 1;
  const readable = [...certificatePaths(env), ...(isThreaded ? CODE : [])];
  return [
    "--no-prompt",
    `--lock=${bus === undefined ? "deno.lock" : "lib/cluster/bus/deno.lock"}`,
    "--frozen",
    "--no-remote",
    "--v8-flags=--max-semi-space-size=8",
    // Several listeners on one port.
    ...(isThreaded ? ["--unstable-net"] : []),
    `--allow-net=${[
      ...new Set([...HOSTS, ...ownHost(env), ...bus ? [bus] : []]),
    ]}`,
    `--allow-sys=${SYS}`,
    `--allow-env=${VARIABLES}`,
    ...(readable.length > 0 ? [`--allow-read=${readable}`] : []),
  ];
}

/** The host to listen on, as the flag writes it. */
function ownHost(env: Env): string[] {
  const text = read(env, "HOST");
  const host = text.includes(":") ? `[${text}]` : text;
  return isHost(host) ? [host] : [];
}

function certificatePaths(env: Env): string[] {
  const paths = (["TLS_CERT", "TLS_KEY"] as const)
    .map((name) => read(env, name))
    .filter((path) => path !== "" && path.toLowerCase() !== "off")
    .map(withoutComma);
  return [...new Set(paths)];
}

/**
 * `--allow-read` splits its value at commas and has no escape for them: of a path
 * with a comma it gets the nearest directory above the comma.
 */
function withoutComma(path: string): string {
  const comma = path.indexOf(",");
  if (comma < 0) return path;
  const directory = path.slice(0, comma).replace(/[^/\\]*$/, "");
  return directory === "" ? "." : directory;
}

/** Host and port of Redis; `undefined` without one. */
function busHost(env: Env): string | undefined {
  const [host, bus] = [read(env, BUS_HOST), read(env, "BUS")];
  const url = /^rediss?:/.test(bus) ? URL.parse(bus) : null;
  const found = host || url?.host;
  return found && isHost(found) ? found : undefined;
}

/** The runtime does not start with a flag whose host is malformed. */
function isHost(text: string): boolean {
  const isName = /^\w(?:[\w-]|\.(?!\.|:|$))*(?::\d+)?$/.test(text);
  const isAddress = /^\[[\da-f:.]+\](?::\d+)?$/i.test(text);
  return (isName || isAddress) && URL.canParse(`http://${text}`);
}

function read(env: Env, name: string): string {
  return env(name)?.trim() ?? "";
}

/**
 * Joins flags for the command substitution of a shell, which splits at spaces.
 *
 * @throws {StartError} a flag has a space
 */
function forShell(flags: readonly string[]): string {
  const spaced = flags.find((flag) => /\s/.test(flag));
  if (spaced === undefined) return flags.join(" ");
  throw new StartError(
    `${spaced} has a space: use deno task start, or rename the file`,
  );
}

if (import.meta.main) {
  try {
    const { over } = readCommandLine(Deno.args);
    console.log(forShell(permissionFlags(over(Deno.env.get))));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !(error instanceof StartError)) throw error;
    console.error(`permissions: ${error.message}`);
    Deno.exit(isUsage ? 2 : 1);
  }
}
