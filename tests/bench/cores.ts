/**
 * The processor cores of a benchmark.
 *
 * @module
 */

/** The cores that processes are pinned to; `undefined`: any core. */
export interface Cores {
  /** The core of the server. */
  readonly server: number | undefined;
  /** The core of the load generator. */
  readonly generator: number | undefined;
}

/** No process is pinned. */
export const ANY_CORES: Cores = { server: undefined, generator: undefined };

/** One core for the server and one for the load generator, if `taskset` works. */
export async function chooseCores(): Promise<Cores> {
  const isPossible = navigator.hardwareConcurrency >= 2 && await hasTaskset();
  return isPossible ? { server: 0, generator: 1 } : ANY_CORES;
}

async function hasTaskset(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("taskset", {
      args: ["-c", "0,1", "true"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/**
 * A command line that is pinned to a core.
 *
 * @param core the core; `undefined`: any
 * @param command program and arguments
 */
export function onCore(
  core: number | undefined,
  command: readonly string[],
): readonly string[] {
  return core === undefined
    ? command
    : ["taskset", "-c", String(core), ...command];
}

/** The name of the machine's processor. */
export async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  return /^model name\s*: (.*)$/m.exec(info)?.[1] ?? "unknown";
}
