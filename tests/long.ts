/**
 * The extent of randomised and repeated tests: short in `deno task test`, long in
 * `deno task test:long`, which sets TEST_LONG.
 *
 * @module
 */

import { permitted } from "./permissions.ts";

const VARIABLE = "TEST_LONG";

/** Whether the tests run in their long form. */
export const IS_LONG: boolean =
  permitted({ name: "env", variable: VARIABLE }) &&
  Deno.env.get(VARIABLE) === "1";

/**
 * The number of runs of a test.
 *
 * @param short runs in `deno task test`
 * @param long runs in `deno task test:long`
 */
export function runs(short: number, long: number): number {
  return IS_LONG ? long : short;
}
