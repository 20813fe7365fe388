/**
 * The error for an unusable certificate or key.
 *
 * @module
 */

/**
 * A certificate or key is unusable; the message is one line for the operator.
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
export class TlsError extends Error {
  /** The class's name. */
  override readonly name = "TlsError";
}
