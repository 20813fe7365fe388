/**
 * Drives the load generator.
 *
 * @module
 */

import type { Answer, Jobs } from "./generator/jobs.ts";
import { type Cores, onCore } from "./cores.ts";

const MAIN = new URL("./generator/main.ts", import.meta.url).pathname;

/** A load generator that runs; ended when it is disposed of. */
export class Generator implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  /**
   * Starts one.
   *
   * @param cores which it runs on
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
   * Has it do something.
   *
   * @param kind what
   * @param job the particulars
   * @throws {Error} what went wrong there
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

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#output.cancel();
    await this.#child.status;
  }
}
