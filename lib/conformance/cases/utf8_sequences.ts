/**
 * Sequences of bytes that are, or are not, UTF-8
 * ({@link https://www.rfc-editor.org/rfc/rfc3629#section-3 | RFC 3629 §3}). They follow
 * Markus Kuhn's public stress test for decoders.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { hex } from "./parts.ts";

/** A group of sequences. */
export interface Utf8Group {
  /** What they have in common. */
  readonly title: string;
  /** The sequences, in the suite's order. */
  readonly sequences: readonly Uint8Array[];
}

/** Returns whether bytes are UTF-8. */
export function isValidUtf8(bytes: Uint8Array): boolean {
  return isUtf8(bytes);
}

const GREEK = "cebae1bdb9cf83cebcceb5";

/** Sequences that lack their last byte: overlong ones, then the largest ones. */
const CUT = [
  "c0",
  "e080",
  "f08080",
  "f8808080",
  "fc80808080",
  "df",
  "efbf",
  "f7bfbf",
  "fbbfbfbf",
  "fdbfbfbfbf",
];

/** The groups of 6.5 to 6.23. */
export const UTF8_GROUPS: readonly Utf8Group[] = [
  group("Valid texts", [
    ...["24", "c2a2", "e282ac", "f0a4ada2"].map((character) =>
      `68656c6c6f${character}776f726c64`
    ),
    GREEK,
  ]),
  group(
    "A beginning of a Greek text",
    Array.from(
      { length: GREEK.length / 2 },
      (_, i) => GREEK.slice(0, 2 * (i + 1)),
    ),
  ),
  group("The lowest code point of a length", [
    "00",
    "c280",
    "e0a080",
    "f0908080",
  ]),
  group("The lowest value of five or six bytes, which is no code point", [
    "f888808080",
    "fc8480808080",
  ]),
  group("The highest code point of a length", [
    "7f",
    "dfbf",
    "efbfbf",
    "f48fbfbf",
  ]),
  group("The highest value of four to six bytes, which is no code point", [
    "f7bfbfbf",
    "fbbfbfbfbf",
    "fdbfbfbfbfbf",
  ]),
  group("A code point at the limit of a range", [
    "ed9fbf",
    "ee8080",
    "efbfbd",
    "f48fbfbf",
    "f4908080",
  ]),
  group("Continuation bytes without a start byte", [
    "80",
    "bf",
    "80bf",
    "80bf80",
    "80bf80bf",
    "80bf80bf80",
    "80bf80bf80bf",
    range(0x80, 0xbe).join(""),
  ]),
  group(
    "Start bytes without continuation bytes",
    [[0xc0, 0xde], [0xe0, 0xee], [0xf0, 0xf6], [0xf8, 0xfa], [0xfc, 0xfc]]
      .map(([first, last]) =>
        range(first!, last!).map((byte) => `${byte}20`).join("")
      ),
  ),
  group("A sequence without its last byte", CUT),
  group("Sequences without their last bytes", [CUT.join("")]),
  group("Bytes that never occur", ["fe", "ff", "fefeffff"]),
  group("An overlong slash", [
    "c0af",
    "e080af",
    "f08080af",
    "f8808080af",
    "fc80808080af",
  ]),
  group("The highest overlong value of a length", [
    "c1bf",
    "e09fbf",
    "f08fbfbf",
    "f887bfbfbf",
    "fc83bfbfbfbf",
  ]),
  group("An overlong NUL", [
    "c080",
    "e08080",
    "f0808080",
    "f880808080",
    "fc8080808080",
  ]),
  group("A surrogate", [
    "eda080",
    "edadbf",
    "edae80",
    "edafbf",
    "edb080",
    "edbe80",
    "edbfbf",
  ]),
  group(
    "A pair of surrogates",
    ["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) =>
      ["edb080", "edbfbf"].map((low) => high + low)
    ),
  ),
  group("A noncharacter, which is valid", [
    "efbfbe",
    "efbfbf",
    // U+1FFFE, U+1FFFF, U+2FFFE … U+10FFFF
    ...Array.from({ length: 16 }, (_, i) => (i + 1) * 0x10000 + 0xfffe)
      .flatMap((code) => [code, code + 1])
      .map((code) =>
        new TextEncoder().encode(String.fromCodePoint(code)).toHex()
      ),
  ]),
  group(
    "A code point of the block Specials",
    ["b9", "ba", "bb", "bc", "bd", "be", "bf"].map((last) => `efbf${last}`),
  ),
];

function group(title: string, sequences: readonly string[]): Utf8Group {
  return { title, sequences: sequences.map(hex) };
}

/** The bytes of a range in hexadecimal digits. */
function range(first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, i) => (first + i).toString(16),
  );
}
