/**
 * Processes: which core they run on, and what they use of the machine.
 *
 * @module
 */

/** The cores that a benchmark uses; `undefined`: any. */
export interface Cores {
  /** The server's. */
  readonly server: number | undefined;
  /** The load generator's. */
  readonly generator: number | undefined;
}

/** No core of one's own for anybody. */
export const ANY_CORES: Cores = { server: undefined, generator: undefined };

/** One core for the server, one for the load generator, where that can be had. */
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
 * A command line that keeps to a core.
 *
 * @param core which one; `undefined`: any
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

/** Clock ticks a second in `/proc` (USER_HZ): the same on all of Linux. */
const TICKS = 100;

/**
 * Seconds of processor time that a process has used.
 *
 * @param pid its number
 */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; the fields behind it are counted.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/**
 * Bytes of memory that a process has in use.
 *
 * @param pid its number
 */
export async function memory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

/** What the machine's processor calls itself. */
export async function processor(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  return /^model name\s*: (.*)$/m.exec(info)?.[1] ?? "unknown";
}
