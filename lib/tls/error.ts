/**
 * The error for an unusable certificate or key.
 *
 * @module
 */

/** A certificate or key is unusable; the message is one line for the operator. */
export class TlsError extends Error {
  /** The class's name. */
  override readonly name = "TlsError";
}
