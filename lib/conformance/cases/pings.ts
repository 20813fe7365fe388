/**
 * Family 2: PING and PONG.
 *
 * @module
 */

import type { CaseEntry, ExpectedEvent, Step } from "../case/case.ts";
import {
  closeAfter,
  exchange,
  filled,
  frame,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  PING,
  PONG,
  pong,
  PROTOCOL_ERROR,
  RAW_BYTES,
} from "./parts.ts";

const PING_SECTION = "RFC 6455 §5.5.2";
const PONG_SECTION = "RFC 6455 §5.5.3";

const SAME_PONG = "A PONG with the same payload; then both sides close.";

/** The longest payload of a control frame (RFC 6455 §5.5). */
const LONGEST = filled(125, 0xfe);

const UNSOLICITED = "unsolicited pong payload";

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

/** The cases 2.1 to 2.11. */
export const PINGS: readonly CaseEntry[] = numbered("2", [
  answered("A PING without a payload.", [frame(PING)], [pong("")]),
  answered(
    "A PING with a text as its payload.",
    [frame(PING, "Hello, world!")],
    [pong("Hello, world!")],
  ),
  answered(
    "A PING whose payload is no UTF-8.",
    [frame(PING, RAW_BYTES)],
    [pong(RAW_BYTES)],
  ),
  answered(
    "A PING with 125 bytes, the maximum.",
    [frame(PING, LONGEST)],
    [pong(LONGEST)],
  ),
  {
    section: "RFC 6455 §5.5",
    description: "A PING with 126 bytes, one too many.",
    expectation: "The connection fails with 1002, without a PONG.",
    closing: PROTOCOL_ERROR,
    program: exchange([frame(PING, filled(126, 0xfe)), killAfter(1)], []),
  },
  answered(
    "A PING with 125 bytes, written byte by byte.",
    [frame(PING, LONGEST, { chop: 1 })],
    [pong(LONGEST)],
    2,
  ),
  unanswered("A PONG that no PING has asked for, without a payload.", ""),
  unanswered("A PONG that no PING has asked for, with a payload.", UNSOLICITED),
  {
    ...answered(
      "A PONG that no PING has asked for, then a PING.",
      [frame(PONG, UNSOLICITED), frame(PING, "ping payload")],
      [pong("ping payload")],
    ),
    section: PONG_SECTION,
    expectation: "One PONG, with the PING's payload; then both sides close.",
  },
  answered(
    "Ten PINGs with different payloads.",
    TEN.map((payload) => frame(PING, payload)),
    TEN.map((payload) => pong(payload)),
    3,
  ),
  answered(
    "Ten PINGs with different payloads, written byte by byte.",
    TEN.map((payload) => frame(PING, payload, { chop: 1 })),
    TEN.map((payload) => pong(payload)),
    3,
  ),
]);

function answered(
  description: string,
  frames: readonly Step[],
  pongs: readonly ExpectedEvent[],
  seconds = 1,
): Omit<CaseEntry, "id"> {
  return {
    section: PING_SECTION,
    description,
    expectation: pongs.length === 1
      ? SAME_PONG
      : "A PONG for each PING, in order, though the RFC permits one for the " +
        "last PING only; then both sides close.",
    closing: NORMAL_CLOSE,
    program: exchange([...frames, closeAfter(seconds)], pongs),
  };
}

function unanswered(
  description: string,
  payload: string,
): Omit<CaseEntry, "id"> {
  return {
    section: PONG_SECTION,
    description,
    expectation: "No frame but the CLOSE.",
    closing: NORMAL_CLOSE,
    program: exchange([
      frame(PONG, payload),
      { do: "close", code: 1000 },
      closeAfter(1),
    ], []),
  };
}
