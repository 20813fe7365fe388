/**
 * The error for an unusable certificate or key.
 *
 * @module
 */

import { SettingError } from "../errors/setting.ts";

/**
 * A certificate or key is unusable; the message is one line.
 *
 * @example
 * ```ts
 * import { serve, TlsError } from "@ws-echo/server";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => serve({ routes: {}, port: 0, tls: { cert: "missing.pem" } }),
 *   TlsError,
 *   "missing.pem",
 * );
 * ```
 */
export class TlsError extends SettingError {
  /** The class's name. */
  override readonly name = "TlsError";
}
