/**
 * Families 12 and 13: permessage-deflate, with several payloads and several parameters.
 *
 * @module
 */

import type { CaseEntry, SampleName } from "../case/case.ts";
import type { DeflateParameters } from "../case/deflate_parameters.ts";
import { SAMPLES } from "../case/samples.ts";
import { NORMAL_CLOSE, numbered } from "./parts.ts";

/** Messages of a case. */
const COUNT = 1000;

/** Bytes of each message before compression, of its fragments, and seconds for all. */
const SIZES: readonly {
  readonly length: number;
  readonly seconds: number;
  readonly fragmentSize?: number;
}[] = [
  { length: 16, seconds: 60 },
  { length: 64, seconds: 60 },
  { length: 256, seconds: 120 },
  { length: 1024, seconds: 240 },
  { length: 4096, seconds: 480 },
  { length: 8192, seconds: 480 },
  { length: 16_384, seconds: 480 },
  { length: 32_768, seconds: 480 },
  { length: 65_536, seconds: 480 },
  { length: 131_072, seconds: 480 },
  { length: 8192, seconds: 480, fragmentSize: 256 },
  { length: 16_384, seconds: 480, fragmentSize: 256 },
  { length: 32_768, seconds: 480, fragmentSize: 256 },
  { length: 65_536, seconds: 480, fragmentSize: 256 },
  { length: 131_072, seconds: 480, fragmentSize: 256 },
  { length: 131_072, seconds: 480, fragmentSize: 1024 },
  { length: 131_072, seconds: 480, fragmentSize: 4096 },
  { length: 131_072, seconds: 480, fragmentSize: 32_768 },
];

/** The payloads of 12.1 to 12.5. */
const PAYLOADS: readonly SampleName[] = [
  "json",
  "bitmap",
  "german",
  "html",
  "pdf",
];

const ANY = { noContextTakeover: false, maxWindowBits: 0 };

/** The parameters of 13.1 to 13.7: requests, the first one that is possible applies. */
const PARAMETERS: readonly {
  readonly text: string;
  readonly deflate: DeflateParameters;
}[] = [
  { text: "without parameters", deflate: [ANY] },
  {
    text: "without context takeover",
    deflate: [{ ...ANY, noContextTakeover: true }],
  },
  { text: "with 9 window bits", deflate: [{ ...ANY, maxWindowBits: 9 }] },
  { text: "with 15 window bits", deflate: [{ ...ANY, maxWindowBits: 15 }] },
  {
    text: "without context takeover and with 9 window bits",
    deflate: [{ noContextTakeover: true, maxWindowBits: 9 }],
  },
  {
    text: "without context takeover and with 15 window bits",
    deflate: [{ noContextTakeover: true, maxWindowBits: 15 }],
  },
  {
    text: "without context takeover and with 9 window bits, without context " +
      "takeover, or without parameters",
    deflate: [
      { noContextTakeover: true, maxWindowBits: 9 },
      { ...ANY, noContextTakeover: true },
      ANY,
    ],
  },
];

/** The cases 12.1.1 to 12.5.18. */
export const COMPRESSED_PAYLOADS: readonly CaseEntry[] = PAYLOADS.flatMap(
  (name, i) => group(`12.${i + 1}`, "RFC 7692 §7.2", name, PARAMETERS[0]!),
);

/** The cases 13.1.1 to 13.7.18. */
export const DEFLATE_PARAMETERS: readonly CaseEntry[] = PARAMETERS.flatMap(
  (parameters, i) => group(`13.${i + 1}`, "RFC 7692 §7.1", "json", parameters),
);

function group(
  prefix: string,
  section: string,
  source: SampleName,
  { text, deflate }: typeof PARAMETERS[number],
): CaseEntry[] {
  const { title, opcode } = SAMPLES[source];
  return numbered(
    prefix,
    SIZES.map(({ length, seconds, fragmentSize }) => ({
      section,
      description:
        `${COUNT} compressed ${opcode} messages of ${length} bytes of ${title}, ` +
        (fragmentSize === undefined
          ? ""
          : `in fragments of ${fragmentSize} bytes, `) +
        `each after the echo of the last one; permessage-deflate ${text}.`,
      expectation: `Every message comes back unchanged, all within ` +
        `${seconds} s. Without permessage-deflate the case is UNIMPLEMENTED.`,
      closing: NORMAL_CLOSE,
      program: {
        kind: "round trips",
        opcode,
        source,
        length,
        count: COUNT,
        seconds,
        deflate,
        ...(fragmentSize !== undefined && { fragmentSize }),
      },
    })),
  );
}
