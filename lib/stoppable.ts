/**
 * What a shutdown stops.
 *
 * @module
 */

/** A part of the service that ends its work before the process ends. */
export interface Stoppable {
  /** Takes no new work; resolves when the work under way is done. */
  shutdown(): Promise<void>;
}
