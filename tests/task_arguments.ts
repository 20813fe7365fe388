/**
 * The start tasks of `deno.json`, for tests that start the service themselves.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { permissionFlags, type StartKind } from "../lib/config/permissions.ts";

/** A task that starts the service. */
export type StartTask =
  | "start"
  | "start:tls"
  | "start:redis"
  | "start:workers"
  | "start:native";

/** A word of a command: `$(…)`, with quotes or without, or text without spaces. */
const WORD = /"?\$\([^)]*\)"?|\S+/g;

const PERMISSIONS = /^("?)\$\(deno task -q permissions ?(\w*)\)"?$/;

/**
 * The arguments of the `deno` that a task starts, as the task's shell makes them.
 *
 * @param task its name
 * @param env variables that are set
 */
export function taskArguments(
  task: StartTask,
  env: Readonly<Record<string, string>> = {},
): string[] {
  const command = config.tasks[task].command.replace(/^.* && /, "");
  const words = command.match(WORD)!.flatMap((word) => {
    const [match, quote, kind] = PERMISSIONS.exec(word) ?? [];
    if (match === undefined) return word;
    const flags = permissionFlags(
      (kind || "plain") as StartKind,
      (name) => env[name],
    ).join(" ");
    return quote ? flags : flags.split(" ");
  });
  return words.slice(1);
}
