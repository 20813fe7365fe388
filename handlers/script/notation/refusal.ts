/**
 * The reason why a plan is refused.
 *
 * @module
 */

/** An invalid plan. */
export class PlanError extends Error {
  /** The class's name. */
  override readonly name = "PlanError";
  /** Whether the plan is valid on the frame listener. */
  readonly isForFrameListener: boolean;

  /**
   * Makes an error.
   *
   * @param message names the step and what is allowed; printable
   * @param isForFrameListener whether the plan is valid on the frame listener
   */
  constructor(message: string, isForFrameListener = false) {
    super(message);
    this.isForFrameListener = isForFrameListener;
  }
}
