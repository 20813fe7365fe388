/**
 * Family 5: fragments, alone and with control frames between them.
 *
 * @module
 */

import type { CaseEntry, ExpectedEvent, Step } from "../case/case.ts";
import {
  closeAfter,
  CONTINUATION,
  echo,
  exchange,
  frame,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  PING,
  PONG,
  pong,
  PROTOCOL_ERROR,
  TEXT,
} from "./parts.ts";

const SECTION = "RFC 6455 §5.4";

/** The ways to write the frames of a case. */
type Writes = { readonly alone?: true; readonly chop?: number };

const TOGETHER: Writes = {};
const ONE_EACH: Writes = { alone: true };
const BYTES: Writes = { chop: 1 };

const WAYS = [
  { writes: TOGETHER, text: "in one write" },
  { writes: ONE_EACH, text: "one write each" },
  { writes: BYTES, text: "byte by byte" },
] as const;

const FIRST = "fragment1";
const SECOND = "fragment2";

const MESSAGE: readonly ExpectedEvent[] = [echo("text", FIRST + SECOND)];

const BETWEEN = "ping payload";

const STRAY = "non-continuation payload";

const NOTHING_TO_CONTINUE =
  "The connection fails with 1002: there is no message to continue.";

/** The cases 5.1 to 5.20. */
export const FRAGMENTATION: readonly CaseEntry[] = numbered("5", [
  fragmentedControl("PING", PING),
  fragmentedControl("PONG", PONG),
  ...WAYS.map(({ writes, text }) =>
    legal(
      `A text message in two fragments, ${text}.`,
      "The message comes back; then both sides close.",
      [
        frame(TEXT, FIRST, { final: false, ...writes }),
        frame(CONTINUATION, SECOND, writes),
      ],
      MESSAGE,
    )
  ),
  ...WAYS.map(({ writes, text }) =>
    legal(
      `A text message in two fragments, with a PING between them, ${text}.`,
      "First the PONG, then the message; then both sides close.",
      [
        frame(TEXT, FIRST, { final: false, ...writes }),
        frame(PING, BETWEEN, writes),
        frame(CONTINUATION, SECOND, writes),
      ],
      [pong(BETWEEN), ...MESSAGE],
    )
  ),
  ...[true, false].flatMap((final) =>
    WAYS.map(({ writes, text }) => stray(final, writes, text))
  ),
  {
    section: SECTION,
    description:
      "A text message in two fragments, a CONTINUATION without FIN " +
      "that continues nothing, and a text message, in one write.",
    expectation:
      "The first message comes back; then the connection fails with 1002.",
    closing: PROTOCOL_ERROR,
    program: exchange(
      [
        frame(TEXT, FIRST, { final: false }),
        frame(CONTINUATION, SECOND),
        frame(CONTINUATION, "fragment3", { final: false }),
        frame(TEXT, "fragment4"),
        killAfter(1),
      ],
      MESSAGE,
      { nonStrict: [] },
    ),
  },
  strayTwice(false),
  strayTwice(true),
  {
    section: SECTION,
    description:
      "Two fragments of a message; both have the opcode text, in one write.",
    expectation:
      "The connection fails with 1002: a message may not begin in another.",
    closing: PROTOCOL_ERROR,
    program: exchange([
      frame(TEXT, FIRST, { final: false }),
      frame(TEXT, SECOND),
      killAfter(1),
    ], []),
  },
  pingsBetween(TOGETHER, "sent as fast as possible"),
  pingsBetween(ONE_EACH, "one write for each frame"),
]);

function fragmentedControl(
  name: string,
  opcode: number,
): Omit<CaseEntry, "id"> {
  return {
    section: "RFC 6455 §5.5",
    description: `A ${name} in two fragments.`,
    expectation:
      "The connection fails with 1002: control frames have no fragments.",
    closing: PROTOCOL_ERROR,
    program: exchange([
      frame(opcode, FIRST, { final: false }),
      frame(CONTINUATION, SECOND),
      killAfter(1),
    ], []),
  };
}

function legal(
  description: string,
  expectation: string,
  steps: readonly Step[],
  ok: readonly ExpectedEvent[],
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description,
    expectation,
    closing: NORMAL_CLOSE,
    program: exchange([...steps, closeAfter(1)], ok),
  };
}

function stray(
  final: boolean,
  writes: Writes,
  text: string,
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description: `A CONTINUATION ${final ? "with" : "without"} FIN that ` +
      `continues nothing, then a text message, ${text}.`,
    expectation: NOTHING_TO_CONTINUE,
    closing: PROTOCOL_ERROR,
    program: exchange([
      frame(CONTINUATION, STRAY, { final, ...writes }),
      frame(TEXT, "Hello, world!", writes),
      killAfter(1),
    ], []),
  };
}

function strayTwice(final: boolean): Omit<CaseEntry, "id"> {
  const once = [
    frame(CONTINUATION, FIRST, { final }),
    frame(TEXT, SECOND, { final: false }),
    frame(CONTINUATION, "fragment3"),
  ];
  return {
    section: SECTION,
    description: `Twice: a CONTINUATION ${final ? "with" : "without"} FIN ` +
      "that continues nothing, then a text message in two fragments.",
    expectation: NOTHING_TO_CONTINUE,
    closing: PROTOCOL_ERROR,
    program: exchange([...once, ...once, killAfter(1)], []),
  };
}

/** The pause ends with the PONG: a peer that answers late fails the pattern anyway. */
function pingsBetween(
  writes: Writes,
  text: string,
): Omit<CaseEntry, "id"> {
  const parts = [1, 2, 3, 4, 5].map((n) => `fragment${n}`);
  const fragment = (i: number, final = false) =>
    frame(i === 0 ? TEXT : CONTINUATION, parts[i]!, { final, ...writes });
  return {
    section: SECTION,
    description: "Two fragments and a PING; after its PONG, at most a second " +
      `later, two fragments, a PING and the last fragment, ${text}.`,
    expectation: "The first PONG comes before the rest of the message is " +
      "sent, then the second PONG and the message; then both sides close.",
    closing: NORMAL_CLOSE,
    program: exchange([
      fragment(0),
      fragment(1),
      frame(PING, "pongme 1!", writes),
      { do: "wait", seconds: 1, until: "pong" },
      fragment(2),
      fragment(3),
      frame(PING, "pongme 2!", writes),
      fragment(4, true),
      closeAfter(1),
    ], [pong("pongme 1!"), pong("pongme 2!"), echo("text", parts.join(""))]),
  };
}
