/**
 * The command of `deno task start`, for tests that start the service themselves.
 *
 * @module
 */

import { startArguments } from "../lib/process/launch.ts";

/**
 * The arguments of the `deno` that `deno task start` runs the service with.
 *
 * @param env variables that are set
 * @param options options of the service
 */
export function taskArguments(
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): string[] {
  return startArguments(options, (name) => env[name]);
}
