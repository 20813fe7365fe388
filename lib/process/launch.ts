/**
 * Starts the service with the least permissions for its settings: the program of
 * `deno task start`. A task cannot see its arguments, and a process cannot get
 * permissions later, so this process starts the service as a child. It passes on
 * signals and the exit code.
 *
 * @module
 */

import { UsageError } from "../config/arguments.ts";
import { readCommandLine } from "../config/command/command_line.ts";
import { permissionFlags } from "../config/command/permissions.ts";
import { onParentEnd } from "./parent_end.ts";

/**
 * The task starts this process without telemetry; the variable has the setting of the
 * service.
 */
const TELEMETRY = "START_OTEL_DENO";

/** The signals that the service handles. A console of Windows sends its own to all. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Returns the arguments of `deno` that start the service.
 *
 * @param args options of the service
 * @param env looks a variable up
 * @throws {UsageError} an invalid option
 */
export function startArguments(
  args: readonly string[],
  env: (name: string) => string | undefined,
): string[] {
  const { over } = readCommandLine(args);
  return ["run", ...permissionFlags(over(env)), "main.ts", ...args];
}

async function launch(args: readonly string[]): Promise<number> {
  const { answer } = readCommandLine(args);
  if (answer !== undefined) {
    console.log(answer);
    return 0;
  }
  const telemetry = Deno.env.get(TELEMETRY);
  const child = new Deno.Command(Deno.execPath(), {
    args: startArguments(["--exit-with-parent", ...args], Deno.env.get),
    env: telemetry ? { OTEL_DENO: telemetry } : {},
    stdin: "inherit",
  }).spawn();
  const send = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // The service has ended.
    }
  };
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => send(signal));
  }
  onParentEnd(() => send("SIGTERM"));
  if (Deno.build.os === "windows") {
    for (const signal of ["SIGINT", "SIGBREAK"] as const) {
      Deno.addSignalListener(signal, () => {});
    }
  }
  const { code } = await child.status;
  return code;
}

if (import.meta.main) {
  try {
    Deno.exit(await launch(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`start: ${error.message}`);
    Deno.exit(2);
  }
}
