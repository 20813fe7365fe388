/**
 * Deno programs in processes of their own.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);
const LOG_MODULE = new URL("lib/log/log.ts", ROOT).href;

/** How a program ended, and its output. */
export interface Ended {
  /** The exit code. */
  readonly code: number;
  /** The standard output. */
  readonly out: string;
  /** The standard error. */
  readonly error: string;
}

/**
 * Runs Deno in the project's folder until it ends.
 *
 * @param args the arguments of `deno`
 * @param env variables in addition to the test's own
 */
export async function runDeno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

/**
 * Runs a program that logs to its standard output, in lines of text.
 *
 * @param body the code; `import` resolves by the project's import map
 */
export function runProgram(body: string): Promise<Ended> {
  const program = `
    import { setupLog } from ${JSON.stringify(LOG_MODULE)};
    setupLog({ level: "INFO", format: "text", colors: false });
    ${body}`;
  return runDeno(["eval", program]);
}
