/**
 * A program of a test's own on the project's modules, in a process of its own.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);
const LOG_MODULE = new URL("lib/log/log.ts", ROOT).href;

/** How a program ended, and what it wrote. */
export interface Ended {
  /** Its exit code. */
  readonly code: number;
  /** What went to its standard output. */
  readonly out: string;
  /** What went to its standard error. */
  readonly error: string;
}

/**
 * Runs a program whose log goes to its standard output, in lines of text.
 *
 * @param body its code; `import` finds what the project's import map names
 */
export async function runProgram(body: string): Promise<Ended> {
  const program = `
    import { setupLog } from ${JSON.stringify(LOG_MODULE)};
    setupLog({ level: "INFO", format: "text", colors: false });
    ${body}`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}
