/**
 * The error for a bus that cannot be used.
 *
 * @module
 */

import { SettingError } from "../../errors/setting.ts";

/**
 * The bus cannot be used; the message is one line.
 *
 * @example
 * ```ts
 * import { BusError } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * // Returns the line for the operator.
 * function lineOf(error: unknown): string {
 *   return error instanceof BusError ? error.message : `a fault: ${error}`;
 * }
 *
 * assertEquals(lineOf(new BusError("BUS: no client")), "BUS: no client");
 * ```
 */
export class BusError extends SettingError {
  /** The class's name. */
  override readonly name = "BusError";
}
