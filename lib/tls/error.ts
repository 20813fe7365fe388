/**
 * The error for a certificate or key that cannot be used.
 *
 * @module
 */

/** A certificate or key cannot be used; the message is the one line that an operator needs. */
export class TlsError extends Error {
  /** The class's name. */
  override readonly name = "TlsError";
}
