/**
 * The sockets of the frame listener in the tests: `SOCKETS=native deno task test` runs
 * every test of that listener on native sockets.
 *
 * @module
 */

import { permitted } from "./permissions.ts";

/** The value of the variable `SOCKETS`, if the tests may read it. */
export const SOCKETS: "runtime" | "native" = isNative() ? "native" : "runtime";

function isNative(): boolean {
  return permitted({ name: "env", variable: "SOCKETS" }) &&
    Deno.env.get("SOCKETS") === "native";
}
