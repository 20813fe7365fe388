/**
 * Prints the flags of `deno run` for a start task: the permissions of the service, and
 * the code that it may load. `deno task permissions [tls | redis | workers | native]` runs
 * it.
 *
 * The flag that needs quotes is printed alone: the task's shell splits an unquoted
 * `$(…)` at spaces, and the path of a certificate may have one.
 *
 * @module
 */

import { StartError } from "./start_error.ts";
import { type Env, VARIABLES } from "./settings.ts";

/** Hosts that the service may listen on. */
const HOSTS = ["0.0.0.0", "127.0.0.1", "[::]", "[::1]", "localhost"];

/** System information: for the default of MEMORY_LIMIT, and for the startup message. */
const SYS = ["systemMemoryInfo", "networkInterfaces"];

/** The code that threads load. */
const CODE = ["main.ts", "deno.json", "handlers", "lib"];

/** The flags that several threads need. */
const THREADS = [
  // Several listeners on one port.
  "--unstable-net",
  `--allow-read=${CODE}`,
];

/** A kind of start. */
export type StartKind = "plain" | "tls" | "redis" | "workers" | "native";

/** The flags of each kind of start. */
const FLAGS: Readonly<Record<StartKind, (env: Env) => string[]>> = {
  /** `start`, and `start:tls` in front of its own. */
  plain: () => flags({}),
  /** `start:tls`: one flag, which may contain spaces. */
  tls: (env: Env) => [`--allow-read=${certificatePaths(env)}`],
  /** `start:redis`; with `WORKERS` above 1 in addition those of `start:workers`. */
  redis: (env: Env) => [
    ...flags({ lock: "lib/cluster/bus/deno.lock", hosts: [busHost(env)] }),
    ...(Number(read(env, "WORKERS")) > 1 ? THREADS : []),
  ],
  /** `start:workers`. */
  workers: () => [...flags({}), ...THREADS],
  /** `start:native`, with any number of threads. */
  native: () => [...flags({}), ...THREADS, "--allow-ffi"],
};

/**
 * The flags of `deno run` for a start task.
 *
 * @param kind the kind of start
 * @param env looks a variable up
 * @throws {StartError} a variable that the task needs is not set
 */
export function permissionFlags(kind: StartKind, env: Env): string[] {
  return FLAGS[kind](env);
}

function flags(
  { lock = "deno.lock", hosts = [] }: {
    readonly lock?: string;
    readonly hosts?: readonly string[];
  },
): string[] {
  return [
    "--no-prompt",
    `--lock=${lock}`,
    "--frozen",
    "--no-remote",
    "--v8-flags=--max-semi-space-size=2",
    `--allow-net=${[...HOSTS, ...hosts]}`,
    `--allow-sys=${SYS}`,
    `--allow-env=${VARIABLES}`,
  ];
}

function certificatePaths(env: Env): string {
  const [cert, key] = [read(env, "TLS_CERT"), read(env, "TLS_KEY")];
  if (cert === "") {
    throw new StartError(
      "TLS_CERT is not set: start:tls needs the path of the certificate, and in TLS_KEY that of its key",
    );
  }
  const paths = [cert, key].filter((path) => path !== "").map(withoutComma);
  return [...new Set(paths)].join();
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

/** Host and port of Redis. */
function busHost(env: Env): string {
  const [host, bus] = [read(env, "BUS_HOST"), read(env, "BUS")];
  const url = /^rediss?:/.test(bus) ? URL.parse(bus) : null;
  const found = host || url?.host;
  if (!found || /\s/.test(found)) {
    throw new StartError(
      "BUS is not set: start:redis needs a URL such as redis://127.0.0.1:6379",
    );
  }
  return found;
}

function read(env: Env, name: string): string {
  return env(name)?.trim() ?? "";
}

function isStartKind(text: string): text is StartKind {
  return Object.hasOwn(FLAGS, text);
}

if (import.meta.main) {
  const [kind = "plain"] = Deno.args;
  try {
    if (!isStartKind(kind)) {
      throw new StartError(
        `permissions: not "${kind}"; allowed: ${Object.keys(FLAGS).join(", ")}`,
      );
    }
    console.log(permissionFlags(kind, Deno.env.get).join(" "));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(`ws_echo_server cannot start: ${error.message}`);
    Deno.exit(1);
  }
}
