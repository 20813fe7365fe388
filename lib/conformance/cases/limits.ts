/**
 * Family 9: large messages, many fragments, small writes, and round trips; and family 10.
 *
 * @module
 */

import type { CaseEntry, LargeMessage } from "../case/case.ts";
import {
  echo,
  exchange,
  filled,
  hex,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  utf8,
} from "./parts.ts";

const SECTION = "RFC 6455 §5.2";
const FRAGMENTS = "RFC 6455 §5.4";

const KIB = 1024;
const MIB = 1024 * KIB;

const TYPES = [
  {
    opcode: "text",
    pattern: utf8("BAsd7&jh23"),
    byte: 0x2a,
    seconds: [10, 10, 100, 100, 100, 100],
  },
  {
    opcode: "binary",
    pattern: hex("00fe23faf0"),
    byte: 0xfe,
    seconds: [10, 10, 10, 10, 100, 100],
  },
] as const;

/** Bytes of the messages of 9.1 and 9.2. */
const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];

/** Bytes of the fragments of 9.3 and 9.4. */
const FRAGMENT_SIZES = [
  ...[64, 256],
  ...[KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB],
  ...[MIB, 4 * MIB],
];

/** Bytes of the writes of 9.5 and 9.6. */
const CHOPS = [64, 128, 256, 512, 1024, 2048];

/** Bytes of the messages of 9.7 and 9.8, and the seconds for 1000 of them. */
const ROUND_TRIPS = [
  { length: 0, seconds: 60 },
  { length: 16, seconds: 60 },
  { length: 64, seconds: 60 },
  { length: 256, seconds: 120 },
  { length: 1024, seconds: 240 },
  { length: 4096, seconds: 480 },
];

/** Messages of a case of 9.7 and 9.8. */
const COUNT = 1000;

/** The cases 9.1.1 to 9.8.6. */
export const LIMITS: readonly CaseEntry[] = [
  ...TYPES.flatMap(({ opcode, pattern, seconds }, i) =>
    numbered(
      `9.${1 + i}`,
      SIZES.map((length, j) =>
        large(`A ${opcode} message of ${length} bytes.`, {
          opcode,
          pattern,
          length,
          seconds: seconds[j]!,
        })
      ),
    )
  ),
  ...TYPES.flatMap(({ opcode, byte }, i) =>
    numbered(
      `9.${3 + i}`,
      FRAGMENT_SIZES.map((fragmentSize) => ({
        ...large(
          `A ${opcode} message of ${4 * MIB} bytes in fragments of ` +
            `${fragmentSize} bytes.`,
          {
            opcode,
            pattern: Uint8Array.of(byte),
            length: 4 * MIB,
            fragmentSize,
            seconds: 100,
          },
        ),
        section: FRAGMENTS,
      })),
    )
  ),
  ...TYPES.flatMap(({ opcode, pattern }, i) =>
    numbered(
      `9.${5 + i}`,
      CHOPS.map((chop) =>
        large(
          `A ${opcode} message of ${MIB} bytes, written ${chop} bytes at a time.`,
          { opcode, pattern, length: MIB, chop, seconds: 1000 },
        )
      ),
    )
  ),
  ...TYPES.flatMap(({ opcode, byte }, i) =>
    numbered(
      `9.${7 + i}`,
      ROUND_TRIPS.map(({ length, seconds }) => ({
        section: SECTION,
        description: `${COUNT} ${opcode} messages of ${length} bytes, each ` +
          "after the echo of the last one.",
        expectation: `Every message comes back, all within ${seconds} s.`,
        closing: NORMAL_CLOSE,
        program: {
          kind: "round trips" as const,
          opcode,
          source: byte,
          length,
          count: COUNT,
          seconds,
        },
      })),
    )
  ),
];

/** Bytes of the fragments of 10.1.1. */
const AUTO_FRAGMENT = 1300;

const STARS = filled(65_536, 0x2a);

/** The case 10.1.1. */
export const AUTO_FRAGMENTATION: readonly CaseEntry[] = numbered("10.1", [
  {
    section: FRAGMENTS,
    description: `A text message of ${STARS.length} bytes in fragments of ` +
      `${AUTO_FRAGMENT} bytes.`,
    expectation: "The same message comes back; then both sides close.",
    closing: NORMAL_CLOSE,
    program: exchange(
      [
        {
          do: "message",
          opcode: "text",
          payload: STARS,
          fragmentSize: AUTO_FRAGMENT,
        },
        killAfter(10),
      ],
      [echo("text", STARS)],
    ),
  },
]);

function large(
  description: string,
  message: Omit<LargeMessage, "kind">,
): Omit<CaseEntry, "id"> {
  return {
    section: SECTION,
    description,
    expectation:
      `A ${message.opcode} message of the same length comes back within ` +
      `${message.seconds} s.`,
    closing: NORMAL_CLOSE,
    program: { kind: "large message", ...message },
  };
}
