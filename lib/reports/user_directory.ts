/**
 * Paths that a user gives to a task.
 *
 * @module
 */

/** A task runs in the project's directory; this variable has the user's directory. */
const DIRECTORY = "INIT_CWD";

/**
 * Resolves a path relative to the directory in which the user has called the task.
 *
 * @param path of a file or a directory
 */
export function inUserDirectory(path: string): string {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: DIRECTORY,
  });
  const directory = state === "granted" ? Deno.env.get(DIRECTORY) : undefined;
  const isAbsolute = /^([/\\]|[A-Za-z]:)/.test(path);
  return directory === undefined || isAbsolute ? path : `${directory}/${path}`;
}
