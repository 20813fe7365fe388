/**
 * The interface between a shutdown and the parts of the service.
 *
 * @module
 */

/** A part of the service that a shutdown stops. */
export interface Stoppable {
  /** Accepts no new work; resolves when the current work is done. */
  shutdown(): Promise<void>;
  /** Ends the current work at once, after `shutdown` was called. */
  destroy?(): void;
}
