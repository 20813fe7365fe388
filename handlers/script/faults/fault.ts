/**
 * A named plan of the catalogue.
 *
 * @module
 */

import type { Description } from "../engine/step.ts";

/** A named plan. */
export interface Fault extends Description {
  /** The name in `/fault/NAME`. */
  readonly name: string;
  /** The plan in the notation of `/do/`. */
  readonly plan: string;
}
