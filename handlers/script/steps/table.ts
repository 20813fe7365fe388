/**
 * The table of steps. The parser, the catalogue, the README and the tests use it.
 *
 * @module
 */

import type { Step } from "../engine/step.ts";
import { ANSWER_STEPS } from "./answer.ts";
import { CHANCE_STEPS } from "./chance.ts";
import { CHECK_STEPS } from "./checks.ts";
import { END_STEPS } from "./ends.ts";
import { FRAME_STEPS } from "./frames.ts";
import { HEAD_STEPS } from "./head.ts";
import { MESSAGE_STEPS } from "./messages.ts";
import { SETTING_STEPS } from "./settings.ts";
import { SHOW_STEPS } from "./show.ts";

/** The steps by group, in the order of the catalogue. */
export const STEP_GROUPS: readonly {
  /** The title of the group. */
  readonly title: string;
  /** Its steps. */
  readonly steps: readonly Step[];
}[] = [
  { title: "The answer to the handshake", steps: ANSWER_STEPS },
  { title: "The 101", steps: HEAD_STEPS },
  { title: "Messages", steps: MESSAGE_STEPS },
  { title: "Frames and bytes", steps: FRAME_STEPS },
  { title: "Reactions, reads and writes", steps: SETTING_STEPS },
  { title: "Ends", steps: END_STEPS },
  { title: "Chance and reconnection", steps: CHANCE_STEPS },
  { title: "Journal and handshake", steps: SHOW_STEPS },
  { title: "Answers that test suites expect", steps: CHECK_STEPS },
];

/** All steps. */
export const STEPS: readonly Step[] = STEP_GROUPS.flatMap(({ steps }) => steps);
