/**
 * Family 6: UTF-8 in text messages.
 *
 * @module
 */

import type { CaseEntry, Step } from "../case/case.ts";
import {
  closeAfter,
  CONTINUATION,
  echo,
  exchange,
  frame,
  hex,
  INVALID_TEXT,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  TEXT,
  utf8,
} from "./parts.ts";
import { isValidUtf8, UTF8_GROUPS } from "./utf8_sequences.ts";

const SECTION = "RFC 6455 §8.1";

const COMES_BACK = "The message comes back; then both sides close.";
const FAILS = "The connection fails with 1007: the text is not UTF-8.";

const LATIN = "Hello-µ@ßöäüàá-UTF-8!!";

/** The Greek word κόσμε, 11 bytes. */
const GREEK = hex("cebae1bdb9cf83cebcceb5");

/** The Greek word, a surrogate, and ASCII. */
const WITH_SURROGATE = hex("cebae1bdb9cf83cebcceb5eda080656469746564");

/** The Greek word, a code point above U+10FFFF, and ASCII: invalid from byte 12 on. */
const OUT_OF_RANGE = hex("cebae1bdb9cf83cebcceb5f4908080656469746564");

const WAIT_A: Step = { do: "wait", seconds: 1, tag: "A" };
const WAIT_B: Step = { do: "wait", seconds: 1, tag: "B" };

/** The cases 6.1.1 to 6.23.7. */
export const UTF8: readonly CaseEntry[] = [
  ...numbered("6.1", [
    valid("A text message of 0 bytes.", [frame(TEXT, "")], ""),
    valid(
      "A text message in three fragments of 0 bytes.",
      fragments("", "", ""),
      "",
    ),
    valid(
      "A text message in three fragments; only the middle one has bytes.",
      fragments("", "middle frame payload", ""),
      "middle frame payload",
    ),
  ]),
  ...numbered("6.2", [
    valid("A text with umlauts in one frame.", [message(utf8(LATIN))], LATIN),
    valid(
      "A text with umlauts in two fragments, cut between characters.",
      fragments("Hello-µ@ßöä", "üàá-UTF-8!!"),
      LATIN,
    ),
    valid(
      "A text with umlauts in fragments of one byte.",
      [message(utf8(LATIN), 1)],
      LATIN,
    ),
    valid(
      "A Greek text in fragments of one byte.",
      [message(GREEK, 1)],
      GREEK,
    ),
  ]),
  ...numbered("6.3", [
    invalid("A text with a surrogate in one frame.", [message(WITH_SURROGATE)]),
    invalid(
      "A text with a surrogate in fragments of one byte.",
      [message(WITH_SURROGATE, 1)],
    ),
  ]),
  ...numbered("6.4", [
    failFast("three fragments", "after the code point", fragmentsAt(11, 15)),
    failFast("three fragments", "inside the code point", fragmentsAt(12, 13)),
    failFast(
      "three parts of one frame",
      "after the code point",
      partsAt(11, 15),
    ),
    failFast(
      "three parts of one frame",
      "inside the code point",
      partsAt(12, 13),
    ),
  ]),
  ...UTF8_GROUPS.flatMap(({ title, sequences }, i) =>
    numbered(
      `6.${i + 5}`,
      sequences.map((bytes) => sequence(title, bytes)),
    )
  ),
];

function message(payload: Uint8Array, fragmentSize?: number): Step {
  return {
    do: "message",
    opcode: "text",
    payload,
    ...(fragmentSize !== undefined && { fragmentSize }),
  };
}

function fragments(...payloads: readonly string[]): Step[] {
  return payloads.map((payload, i) =>
    frame(i === 0 ? TEXT : CONTINUATION, payload, {
      final: i === payloads.length - 1,
    })
  );
}

function valid(
  description: string,
  steps: readonly Step[],
  text: string | Uint8Array,
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description,
    expectation: COMES_BACK,
    closing: NORMAL_CLOSE,
    program: exchange([...steps, closeAfter(1)], [echo("text", text)]),
  };
}

function invalid(
  description: string,
  steps: readonly Step[],
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description,
    expectation: FAILS,
    closing: INVALID_TEXT,
    program: exchange([...steps, killAfter(1)], []),
  };
}

/** Fragments that end at two places. */
function fragmentsAt(first: number, second: number): Step[] {
  const part = (start: number, end?: number) =>
    OUT_OF_RANGE.subarray(start, end);
  return [
    frame(TEXT, part(0, first), { final: false }),
    WAIT_A,
    frame(CONTINUATION, part(first, second), { final: false }),
    WAIT_B,
    frame(CONTINUATION, part(second)),
    killAfter(1),
  ];
}

/** One frame without FIN whose payload is written in three parts; then an empty last one. */
function partsAt(first: number, second: number): Step[] {
  const part = (start: number, end?: number): Step => ({
    do: "payload",
    payload: OUT_OF_RANGE.subarray(start, end),
  });
  return [
    { do: "header", opcode: TEXT, length: OUT_OF_RANGE.length },
    part(0, first),
    WAIT_A,
    part(first, second),
    WAIT_B,
    part(second),
    frame(CONTINUATION, ""),
    killAfter(1),
  ];
}

function failFast(
  pieces: string,
  place: string,
  steps: readonly Step[],
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description: "A text with a code point above U+10FFFF in " +
      `${pieces}, a second apart; the second ends ${place}.`,
    expectation: "The first part is accepted. The connection fails with 1007 " +
      "at the second part (OK) or at the end of the message (NON-STRICT).",
    closing: INVALID_TEXT,
    program: exchange(steps, [{ kind: "timeout", tag: "A" }], {
      nonStrict: [
        { kind: "timeout", tag: "A" },
        { kind: "timeout", tag: "B" },
      ],
    }),
  };
}

function sequence(
  title: string,
  bytes: Uint8Array,
): Omit<CaseEntry, "id"> {
  const isValid = isValidUtf8(bytes);
  const digits = bytes.toHex();
  return {
    section: SECTION,
    description: `${title}: the bytes ${digits} as a text message.`,
    expectation: isValid ? COMES_BACK : FAILS,
    closing: isValid ? NORMAL_CLOSE : INVALID_TEXT,
    program: exchange(
      [message(bytes), killAfter(0.5)],
      isValid ? [echo("text", bytes)] : [],
    ),
  };
}
