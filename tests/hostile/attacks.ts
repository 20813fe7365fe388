/**
 * The attacks: what a hostile peer does, again and again, as long as it is let.
 *
 * @module
 */

import type { Attack } from "./attacks/attack.ts";
import { FAIRNESS } from "./attacks/fairness.ts";
import { FLOODS } from "./attacks/floods.ts";
import { HEADS } from "./attacks/heads.ts";
import { HTTP } from "./attacks/http.ts";
import { MEMORY } from "./attacks/memory.ts";
import { SOCKETS } from "./attacks/sockets.ts";

/** Every attack that goes on for as long as one likes. */
export const ATTACKS: readonly Attack[] = [
  ...HEADS,
  ...FLOODS,
  ...MEMORY,
  ...FAIRNESS,
  ...SOCKETS,
  ...HTTP,
];
