/**
 * Memory and open files of a process, read from /proc (Linux only).
 *
 * @module
 */

/** Memory and files of a process. */
export interface Holdings {
  /** Resident memory in bytes. */
  readonly memory: number;
  /** The highest resident memory since the process started, in bytes. */
  readonly peak: number;
  /** Open files, sockets included. */
  readonly files: number;
}

/**
 * The memory and the files of a process.
 *
 * @param pid the process
 */
export async function holdings(pid: number): Promise<Holdings> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  let files = 0;
  for await (const _ of Deno.readDir(`/proc/${pid}/fd`)) files++;
  return {
    memory: bytesOf(status, "VmRSS"),
    peak: bytesOf(status, "VmHWM"),
    files,
  };
}

/**
 * The resident memory of a process, in bytes.
 *
 * @param pid the process
 */
export async function residentMemory(pid: number): Promise<number> {
  return bytesOf(await Deno.readTextFile(`/proc/${pid}/status`), "VmRSS");
}

function bytesOf(status: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  return Number(line![1]) * 1024;
}

/** Clock ticks per second in `/proc` (USER_HZ), the same on every Linux. */
const TICKS = 100;

/**
 * The processor time that a process has used, in seconds.
 *
 * @param pid the process
 */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces, so fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Milliseconds between two samples of a process. */
const SAMPLE_EVERY = 100;

/** Records the highest memory of a process, also if the process ends. */
export class Watch implements Disposable {
  /** The highest resident memory so far, in bytes. */
  peak = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  #sampling: Promise<void> = Promise.resolve();
  #before: number | undefined;

  /**
   * Starts recording.
   *
   * @param pid the process
   */
  constructor(pid: number) {
    const sample = async () => {
      const { memory, peak } = await holdings(pid);
      this.#before ??= peak;
      // VmHWM counts only if it rose after the recording started.
      const highest = peak > this.#before ? peak : memory;
      this.peak = Math.max(this.peak, highest);
    };
    const next = () => this.#sampling = sample().catch(() => {});
    next();
    this.#timer = setInterval(next, SAMPLE_EVERY);
  }

  /** Stops recording and returns the highest memory in bytes. */
  async end(): Promise<number> {
    clearInterval(this.#timer);
    await this.#sampling;
    return this.peak;
  }

  /** Stops recording. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
