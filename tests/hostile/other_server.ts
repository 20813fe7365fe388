/**
 * Other servers to attack, started by a command line.
 *
 * @module
 */

import { UsageError } from "../../lib/config/arguments.ts";
import { npmModules, type PackageName } from "../other_servers/npm.ts";
import type { Target } from "./socket.ts";

/** A server under attack. */
export interface ServerUnderAttack extends AsyncDisposable {
  /** The process id. */
  readonly pid: number;
  /** Its address and echo. */
  readonly target: Target;
}

/** The packages of the servers in tests/other_servers/servers/, by file. */
const NEEDS: Readonly<Record<string, readonly PackageName[]>> = {
  "bun.js": ["bun"],
  "ws.cjs": ["ws"],
};

/** A command line whose packages are installed. */
export interface OtherServer {
  /** The command line. */
  readonly command: string;
  /** The program. */
  readonly program: string;
  /** The arguments of the program. */
  readonly args: readonly string[];
  /** Variables with the path of the packages. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Installs the packages of a command that runs a file of tests/other_servers/servers/.
 *
 * @param command program and arguments, separated by spaces
 * @throws {UsageError} the command is empty, or its packages cannot be installed
 */
export async function prepareOther(command: string): Promise<OtherServer> {
  const [program, ...args] = command.split(" ").filter((word) => word !== "");
  if (program === undefined) {
    throw new UsageError("--server: allowed: a command");
  }
  const names = args.flatMap((arg) =>
    NEEDS[/(?:^|\/)servers\/([^/]+)$/.exec(arg)?.[1] ?? ""] ?? []
  );
  if (names.length === 0) return { command, program, args, env: {} };
  const modules = await npmModules(names);
  if (!modules.ok) throw new UsageError(`--server: ${modules.reason}`);
  const isBun = names.includes("bun") && program === "bun";
  return {
    command,
    program: isBun ? modules.bun : program,
    args,
    env: { NODE_PATH: modules.path },
  };
}

/**
 * Starts a server that prints `port N` first and has its echo at `/ws`.
 *
 * @param other the server's command
 * @throws {UsageError} the command does not start a server
 */
export async function startOther(
  other: OtherServer,
): Promise<ServerUnderAttack> {
  const child = spawn(other);
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const text of lines.values({ preventCancel: true })) {
    const port = /port (\d+)/.exec(text)?.[1];
    if (port === undefined) continue;
    const reading = lines.pipeTo(new WritableStream()).catch(() => {});
    return {
      pid: child.pid,
      target: { hostname: "127.0.0.1", port: Number(port), path: "/ws" },
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await child.status;
        await reading;
      },
    };
  }
  const { code } = await child.status;
  throw new UsageError(
    `--server: "${other.command}" ended with exit code ${code} and without "port N"`,
  );
}

function spawn(
  { command, program, args, env }: OtherServer,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "piped",
    }).spawn();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such program"
      : (error as Error).message;
    throw new UsageError(`--server: "${command}": ${reason}`);
  }
}
