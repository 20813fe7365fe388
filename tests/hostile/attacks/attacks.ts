/**
 * The attacks: what a hostile peer does, again and again, as long as it is let.
 *
 * @module
 */

import type { Attack } from "./attack.ts";
import { FAIRNESS } from "./fairness.ts";
import { FLOODS } from "./floods.ts";
import { HEADS } from "./heads.ts";
import { HTTP } from "./http.ts";
import { MEMORY } from "./memory.ts";
import { SOCKETS } from "./sockets.ts";

/** Every attack that goes on for as long as one likes. */
export const ATTACKS: readonly Attack[] = [
  ...HEADS,
  ...FLOODS,
  ...MEMORY,
  ...FAIRNESS,
  ...SOCKETS,
  ...HTTP,
];
