/**
 * The error for a bus that cannot be used.
 *
 * @module
 */

/** The bus cannot be used; the message is one line for the operator. */
export class BusError extends Error {
  /** The class's name. */
  override readonly name = "BusError";
}
