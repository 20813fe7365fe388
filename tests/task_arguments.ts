/**
 * The command lines of the tasks in `deno.json`, for tests that start the
 * service themselves.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/**
 * The arguments that a task passes to `deno`, as the task's shell expands them.
 *
 * @param task the task's name
 * @param permitted the output of the program that the command runs first: the
 * files that `start:tls` may read, or the host that `start:redis` may reach
 */
export function taskArguments(
  task: "start" | "start:tls" | "start:redis" | "start:workers",
  permitted = "",
): string[] {
  const { command } = config.tasks[task];
  return command.replace(/\$\(.*?\)/, permitted).replace(/^.* && /, "")
    .replaceAll('"', "").split(" ").slice(1);
}
