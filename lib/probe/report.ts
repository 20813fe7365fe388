/**
 * What the probe prints: lines for people, or one JSON document.
 *
 * @module
 */

import type { Outcome, StepResult } from "./step/step.ts";

/** How many steps ended how. */
export type Counts = Readonly<Record<Outcome, number>>;

/**
 * Counts the outcomes.
 *
 * @param results of all steps
 */
export function counts(results: readonly StepResult[]): Counts {
  const found = { pass: 0, fail: 0, skip: 0 };
  for (const { outcome } of results) found[outcome]++;
  return found;
}

const WORD: Readonly<Record<Outcome, string>> = {
  pass: "ok",
  fail: "FAIL",
  skip: "skip",
};

/** Control sequences of ECMA-48: green, red, brown. */
const COLOR: Readonly<Record<Outcome, string>> = {
  pass: "\x1b[32m",
  fail: "\x1b[31m",
  skip: "\x1b[33m",
};

const FAINT = "\x1b[2m";

const END = "\x1b[0m";

/** Columns of the outcome and of the name. */
const OUTCOME_WIDTH = 6;
const NAME_WIDTH = 15;

const INDENT = " ".repeat(OUTCOME_WIDTH + NAME_WIDTH);

/**
 * A step's line, and further ones below it; none where it was not tried.
 *
 * @param result what came of the step
 * @param colors whether a terminal reads it
 */
export function textLines(result: StepResult, colors: boolean): string[] {
  if (!result.isTried) return [];
  const { name, outcome, seen, expected, source, hint, lines } = result;
  const below: string[] = [];
  if (outcome === "fail") {
    const where = source === "" ? "" : ` (${source})`;
    below.push(`expected: ${expected}${where}`);
    if (hint !== undefined) below.push(`hint: ${hint}`);
  }
  below.push(...lines);
  return [
    stepLine(outcome, name, seen, colors),
    ...below.map((line) => INDENT + (colors ? `${FAINT}${line}${END}` : line)),
  ];
}

function stepLine(
  outcome: Outcome,
  name: string,
  seen: string,
  colors: boolean,
): string {
  const word = WORD[outcome].padEnd(OUTCOME_WIDTH);
  const start = colors ? `${COLOR[outcome]}${word}${END}` : word;
  return `${start}${name.padEnd(NAME_WIDTH)}${seen}`;
}

/**
 * The last lines: the steps that were not tried, in one, and the counts.
 *
 * @param results of all steps
 * @param colors whether a terminal reads it
 */
export function summaryLines(
  results: readonly StepResult[],
  colors: boolean,
): string[] {
  const untried = results.filter(({ isTried }) => !isTried);
  const { pass, fail, skip } = counts(results);
  const last = `${pass} passed, ${fail} failed, ${skip} skipped`;
  if (untried.length === 0) return [last];
  const { seen } = untried[0]!;
  return [stepLine("skip", `${untried.length} others`, seen, colors), last];
}

/**
 * All of it as a JSON document.
 *
 * @param url the server's
 * @param results of all steps
 */
export function jsonReport(url: URL, results: readonly StepResult[]): string {
  const { pass, fail, skip } = counts(results);
  const document = {
    url: url.href,
    ok: fail === 0,
    passed: pass,
    failed: fail,
    skipped: skip,
    steps: results.map((result) => ({
      name: result.name,
      outcome: result.outcome,
      ms: Math.round(result.time * 1000) / 1000,
      seen: result.seen,
      expected: result.expected,
      source: result.source,
      ...(result.hint !== undefined && { hint: result.hint }),
      details: result.details,
    })),
  };
  return JSON.stringify(document, undefined, 2);
}
