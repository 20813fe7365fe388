/**
 * Selections of cases by patterns, as in the suite's configuration.
 *
 * @module
 */

import type { Case } from "./case/case.ts";
import { CASES } from "./cases.ts";

/** A pattern that selects no case. */
export class PatternError extends Error {
  /** The class's name. */
  override readonly name = "PatternError";

  /**
   * Makes an error.
   *
   * @param pattern the pattern
   */
  constructor(pattern: string) {
    super(
      `${JSON.stringify(pattern)} is no case: an id such as 1.1.1, or a ` +
        "pattern such as 1.*, 9.1.* or *.",
    );
  }
}

/** Patterns of ids; `*` stands for any characters. */
export interface Patterns {
  /**
   * Cases to run.
   * @default all
   */
  readonly cases?: readonly string[] | undefined;
  /**
   * Cases to leave out.
   * @default none
   */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Selects cases. They keep the suite's order; their place in the selection, from 1 on, is
 * the number that the protocol uses.
 *
 * @param patterns to select and to leave out
 * @throws {PatternError} a pattern matches no case
 */
export function selectCases(
  { cases, exclude = [] }: Patterns = {},
): readonly Case[] {
  const left = idsOf(exclude);
  if (cases === undefined && left.size === 0) return CASES;
  const chosen = cases && idsOf(cases);
  return CASES.filter(({ id }) =>
    (chosen === undefined || chosen.has(id)) && !left.has(id)
  );
}

/**
 * Splits a list of patterns.
 *
 * @param text patterns, separated by commas
 */
export function splitPatterns(text: string): string[] {
  return text.split(",").map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== "");
}

function idsOf(patterns: readonly string[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const pattern of patterns) {
    const matching = CASES.filter(({ id }) => matches(pattern, id));
    if (matching.length === 0) throw new PatternError(pattern);
    for (const { id } of matching) ids.add(id);
  }
  return ids;
}

/** Compares without a regular expression: patterns come from clients. */
function matches(pattern: string, id: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === id;
  if (!id.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  // As in the suite, the end of an id need not match: 1.*1 selects 1.1.2 too.
  return true;
}
