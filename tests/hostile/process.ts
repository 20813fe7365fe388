/**
 * What a process holds, by /proc.
 *
 * @module
 */

/** Memory and files of a process. */
export interface Holdings {
  /** Resident memory in bytes. */
  readonly memory: number;
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
  return {
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024,
    files,
  };
}

/** The most memory that a process had while it was watched. */
export class Watch implements Disposable {
  /** Bytes. */
  peak = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  #look: Promise<void> = Promise.resolve();

  /**
   * Starts watching.
   *
   * @param pid of the process
   */
  constructor(pid: number) {
    const look = async () => {
      const { memory } = await holdings(pid);
      this.peak = Math.max(this.peak, memory);
    };
    this.#timer = setInterval(() => {
      this.#look = look().catch(() => {});
    }, 100);
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
