/**
 * The tasks of `deno.json`, for tests that start the service themselves.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/**
 * The arguments of the program that a task starts, as its shell makes them.
 *
 * @param task its name
 * @param read what `start:tls` is given for `--allow-read`
 */
export function taskArguments(
  task: "start" | "start:tls" | "start:redis" | "start:workers",
  read = "",
): string[] {
  const { command } = config.tasks[task];
  return command.replace(/\$\(.*?\)/, read).replace(/^.* && /, "")
    .replaceAll('"', "").split(" ").slice(1);
}
