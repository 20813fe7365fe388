/**
 * The error for a bus that cannot be had.
 *
 * @module
 */

/** The bus cannot be had; the message is the one line that an operator needs. */
export class BusError extends Error {
  /** The class's name. */
  override readonly name = "BusError";
}
