/**
 * The error for threads that cannot be had.
 *
 * @module
 */

/** Threads cannot be had; the message is the one line that an operator needs. */
export class WorkersError extends Error {
  /** The class's name. */
  override readonly name = "WorkersError";
}
