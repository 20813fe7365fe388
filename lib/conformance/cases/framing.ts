/**
 * Family 1: messages of sizes at the limits of the length field.
 *
 * @module
 */

import type { CaseEntry } from "../case/case.ts";
import {
  BINARY,
  echo,
  exchange,
  filled,
  frame,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  TEXT,
} from "./parts.ts";

/** Sizes in bytes, and the seconds for the echo. */
const SIZES = [
  { length: 0, seconds: 1 },
  { length: 125, seconds: 1 },
  { length: 126, seconds: 1 },
  { length: 127, seconds: 1 },
  { length: 128, seconds: 1 },
  { length: 65_535, seconds: 10 },
  { length: 65_536, seconds: 10 },
  { length: 65_536, seconds: 10, chop: 997 },
] as const;

const TYPES = [
  { opcode: "text", code: TEXT, byte: "*".charCodeAt(0) },
  { opcode: "binary", code: BINARY, byte: 0xfe },
] as const;

/** The cases 1.1.1 to 1.2.8. */
export const FRAMING: readonly CaseEntry[] = TYPES.flatMap((type, i) =>
  numbered(
    `1.${i + 1}`,
    SIZES.map((size) => entry(type, size)),
  )
);

function entry(
  { opcode, code, byte }: typeof TYPES[number],
  size: { length: number; seconds: number; chop?: number },
): Omit<CaseEntry, "id"> {
  const { length, seconds, chop } = size;
  const payload = filled(length, byte);
  const sent = frame(code, payload, chop === undefined ? {} : { chop });
  return {
    section: "RFC 6455 §5.2",
    description: `A ${opcode} message of ${length} bytes` +
      (chop === undefined ? "." : `, written ${chop} bytes at a time.`),
    expectation: "The same message comes back; then both sides close.",
    closing: NORMAL_CLOSE,
    program: exchange([sent, killAfter(seconds)], [echo(opcode, payload)]),
  };
}
