/**
 * The error for threads that cannot start.
 *
 * @module
 */

/** The threads cannot start; the message is one line for the operator. */
export class WorkersError extends Error {
  /** The class's name. */
  override readonly name = "WorkersError";
}
