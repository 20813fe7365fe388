/**
 * Programs that some tests need, and that may not be there.
 *
 * @module
 */

/**
 * Whether a program is there and does something without an error; to run it is
 * permitted.
 *
 * @param program its name, or where it is
 * @param args what it is to do
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
