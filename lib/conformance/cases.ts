/**
 * The table of all cases, in the order and with the numbers of the suite.
 *
 * @module
 */

import type { Case } from "./case/case.ts";
import { CLOSING } from "./cases/closing.ts";
import {
  COMPRESSED_PAYLOADS,
  DEFLATE_PARAMETERS,
} from "./cases/compression.ts";
import { FRAGMENTATION } from "./cases/fragmentation.ts";
import { FRAMING } from "./cases/framing.ts";
import { AUTO_FRAGMENTATION, LIMITS } from "./cases/limits.ts";
import { OPCODES } from "./cases/opcodes.ts";
import { PINGS } from "./cases/pings.ts";
import { RESERVED_BITS } from "./cases/reserved_bits.ts";
import { UTF8 } from "./cases/utf8.ts";

/** A family: the first number of the ids. */
export interface Family {
  /** The number. */
  readonly number: number;
  /** Its topic. */
  readonly title: string;
}

/** The families, in the suite's order. */
export const FAMILIES: readonly Family[] = [
  { number: 1, title: "Framing" },
  { number: 2, title: "PING and PONG" },
  { number: 3, title: "Reserved bits" },
  { number: 4, title: "Opcodes" },
  { number: 5, title: "Fragmentation" },
  { number: 6, title: "UTF-8" },
  { number: 7, title: "Closing" },
  { number: 9, title: "Limits and performance" },
  { number: 10, title: "Automatic fragmentation" },
  { number: 12, title: "Compression of several payloads" },
  { number: 13, title: "Compression with several parameters" },
];

/** All cases; the case with the number N is at index N − 1. */
export const CASES: readonly Case[] = [
  ...FRAMING,
  ...PINGS,
  ...RESERVED_BITS,
  ...OPCODES,
  ...FRAGMENTATION,
  ...UTF8,
  ...CLOSING,
  ...LIMITS,
  ...AUTO_FRAGMENTATION,
  ...COMPRESSED_PAYLOADS,
  ...DEFLATE_PARAMETERS,
].map((entry, i) => ({ number: i + 1, ...entry }));

const BY_ID: ReadonlyMap<string, Case> = new Map(
  CASES.map((testCase) => [testCase.id, testCase]),
);

/**
 * Returns a case.
 *
 * @param id such as `1.1.1`
 */
export function caseById(id: string): Case | undefined {
  return BY_ID.get(id);
}
