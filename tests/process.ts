/**
 * What a process holds, by /proc.
 *
 * @module
 */

/** Memory and files of a process. */
export interface Holdings {
  /** Resident memory in bytes. */
  readonly memory: number;
  /** The most of it since the process started. */
  readonly peak: number;
  /** Open files, sockets included. */
  readonly files: number;
}

/**
 * Looks at a process.
 *
 * @param pid its id
 */
export async function holdings(pid: number): Promise<Holdings> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  let files = 0;
  for await (const _ of Deno.readDir(`/proc/${pid}/fd`)) files++;
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)![1]) * 1024;
  return {
    memory: bytes("VmRSS"),
    peak: bytes("VmHWM"),
    files,
  };
}

/** The most memory that a process had while it was watched, even if it died. */
export class Watch implements Disposable {
  /** Bytes. */
  peak = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  #look: Promise<void> = Promise.resolve();
  #before: number | undefined;

  /**
   * Starts watching.
   *
   * @param pid of the process
   */
  constructor(pid: number) {
    const look = async () => {
      const { memory, peak } = await holdings(pid);
      this.#before ??= peak;
      // A peak that is higher than before the watch is the watch's own.
      const most = peak > this.#before ? peak : memory;
      this.peak = Math.max(this.peak, most);
    };
    const next = () => this.#look = look().catch(() => {});
    next();
    this.#timer = setInterval(next, 100);
  }

  /** Stops; resolves with the most bytes. */
  async end(): Promise<number> {
    clearInterval(this.#timer);
    await this.#look;
    return this.peak;
  }

  /** Stops. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
