/**
 * Whether programs that some tests need are installed.
 *
 * @module
 */

/**
 * Whether a program runs and exits with 0. Needs the permission to run it.
 *
 * @param program its name or path
 * @param args arguments that make it do little, such as `--version`
 */
export function isInstalled(
  program: string,
  ...args: readonly string[]
): boolean {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdout: "null",
      stderr: "null",
    });
    return command.outputSync().success;
  } catch {
    return false;
  }
}
