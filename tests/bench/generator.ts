/**
 * The load generator as a separate process.
 *
 * @module
 */

import type { Answer, Jobs } from "./generator/jobs.ts";
import { type Cores, onCore } from "./cores.ts";

const MAIN = new URL("./generator/main.ts", import.meta.url).pathname;

/** A running load generator; disposal ends it. */
export class Generator implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  /**
   * Starts the process.
   *
   * @param cores of the benchmark
   */
  constructor(cores: Cores) {
    const [program, ...args] = onCore(cores.generator, [
      Deno.execPath(),
      "run",
      "--quiet",
      "--allow-ffi",
      "--allow-net=127.0.0.1",
      MAIN,
    ]);
    this.#child = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /**
   * Runs a job.
   *
   * @param kind of the job
   * @param job its parameters
   * @throws {Error} the job failed
   */
  async run<Kind extends keyof Jobs>(
    kind: Kind,
    job: Omit<Jobs[Kind][0], "kind">,
  ): Promise<Jobs[Kind][1]> {
    const line = JSON.stringify({ kind, ...job });
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    const answer: Answer = JSON.parse(await this.#line());
    if (!answer.ok) throw new Error(answer.message);
    return answer.result as Jobs[Kind][1];
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#output.read();
      if (done) throw new Error("the load generator has ended");
      this.#rest += value;
    }
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#output.cancel();
    await this.#child.status;
  }
}
