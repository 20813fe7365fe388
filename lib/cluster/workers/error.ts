/**
 * The error for threads that cannot start.
 *
 * @module
 */

import { SettingError } from "../../errors/setting.ts";

/**
 * The threads cannot start; the message is one line.
 *
 * @example
 * ```ts
 * import { serve, WorkersError } from "@ws-echo/server";
 * import { assertRejects } from "@std/assert";
 *
 * const workerModule = "file:///missing.ts"; // usually import.meta.url
 * await assertRejects(
 *   () => serve({ routes: {}, port: 0, workers: 2, workerModule }),
 *   WorkersError,
 * );
 * ```
 */
export class WorkersError extends SettingError {
  /** The class's name. */
  override readonly name = "WorkersError";
}
