/**
 * The table of named plans.
 *
 * @module
 */

import { COMPRESSION_FAULTS } from "./compression.ts";
import type { Fault } from "./fault.ts";
import { FRAME_FAULTS } from "./frames.ts";
import { END_FAULTS, HANDSHAKE_FAULTS } from "./handshakes.ts";
import { PAYLOAD_FAULTS } from "./payloads.ts";

/** The named plans by group, in the order of the catalogue. */
export const FAULT_GROUPS: readonly {
  /** The title of the group. */
  readonly title: string;
  /** Its plans. */
  readonly faults: readonly Fault[];
}[] = [
  { title: "Handshakes", faults: HANDSHAKE_FAULTS },
  { title: "Frames", faults: FRAME_FAULTS },
  { title: "Texts and CLOSE", faults: PAYLOAD_FAULTS },
  { title: "Compression", faults: COMPRESSION_FAULTS },
  { title: "Ends and control frames", faults: END_FAULTS },
];

/** All named plans by their names. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  FAULT_GROUPS.flatMap(({ faults }) => faults).map((fault) => [
    fault.name,
    fault,
  ]),
);
