/**
 * A program while it runs.
 *
 * @module
 */

import type { Behavior, ReceivedEvent } from "../case/result.ts";
import type { Receiver } from "../engine/inbound.ts";

/** The verdict of a program on the frames that have arrived. */
export interface ProgramVerdict {
  /** The verdict. */
  readonly behavior: Behavior;
  /** The reason, in a sentence. */
  readonly result: string;
}

/** A program while it runs. */
export interface RunningProgram extends Receiver {
  /** The compared events. */
  readonly received: readonly ReceivedEvent[];
  /** Sends the first frames. */
  start(): void;
  /** All frames are written; more can be prepared. */
  idle?(): void;
  /** The verdict at the end of the connection. */
  verdict(): ProgramVerdict;
}
