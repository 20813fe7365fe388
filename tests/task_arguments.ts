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
 * @param permitted what the program in the command prints: the files that
 * `start:tls` may read, the host that `start:redis` may reach
 */
export function taskArguments(
  task: "start" | "start:tls" | "start:redis" | "start:workers",
  permitted = "",
): string[] {
  const { command } = config.tasks[task];
  return command.replace(/\$\(.*?\)/, permitted).replace(/^.* && /, "")
    .replaceAll('"', "").split(" ").slice(1);
}
