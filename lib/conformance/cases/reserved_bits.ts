/**
 * Family 3: reserved bits without an extension that uses them.
 *
 * @module
 */

import type { CaseEntry, Step } from "../case/case.ts";
import {
  BINARY,
  CLOSE,
  echo,
  exchange,
  frame,
  killAfter,
  numbered,
  PING,
  PROTOCOL_ERROR,
  RAW_BYTES,
  TEXT,
} from "./parts.ts";

const HELLO = "Hello, world!";

const ECHO = [echo("text", HELLO)];

/** The cases 3.1 to 3.7; the number of a case is the value of its RSV bits. */
export const RESERVED_BITS: readonly CaseEntry[] = numbered("3", [
  alone("A text message with RSV3.", frame(TEXT, HELLO, { rsv: 1 })),
  afterMessage(
    "A text message, the same one with RSV2, and a PING, in one write.",
    {},
    2,
  ),
  afterMessage(
    "A text message, the same one with RSV2 and RSV3, and a PING, one write each.",
    { alone: true },
    3,
  ),
  afterMessage(
    "A text message, the same one with RSV1, and a PING, written byte by byte.",
    { chop: 1 },
    4,
  ),
  alone(
    "A binary message with RSV1 and RSV3.",
    frame(BINARY, RAW_BYTES, { rsv: 5 }),
  ),
  alone(
    "A binary message with RSV1 and RSV2.",
    frame(BINARY, HELLO, { rsv: 6 }),
  ),
  alone("A CLOSE with all three bits.", frame(CLOSE, undefined, { rsv: 7 })),
]);

function alone(description: string, step: Step): Omit<CaseEntry, "id"> {
  return {
    section: "RFC 6455 §5.2",
    description,
    expectation: "The connection fails with 1002.",
    closing: PROTOCOL_ERROR,
    program: exchange([step, killAfter(1)], []),
  };
}

function afterMessage(
  description: string,
  writes: { readonly alone?: true; readonly chop?: number },
  rsv: number,
): Omit<CaseEntry, "id"> {
  return {
    section: "RFC 6455 §5.2",
    description,
    expectation:
      "The first message comes back; then the connection fails with 1002, without a PONG.",
    closing: PROTOCOL_ERROR,
    program: exchange(
      [
        frame(TEXT, HELLO, writes),
        frame(TEXT, HELLO, { rsv, ...writes }),
        frame(PING, undefined, writes),
        killAfter(1),
      ],
      ECHO,
      { nonStrict: [] },
    ),
  };
}
