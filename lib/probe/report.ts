/**
 * The report of the probe: lines of text, or one JSON document.
 *
 * @module
 */

import type { Outcome } from "./step/finding.ts";
import type { StepResult } from "./step/step.ts";

/**
 * Counts the steps of each outcome.
 *
 * @param results of all steps
 */
export function count(
  results: readonly StepResult[],
): Readonly<Record<Outcome, number>> {
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

const WORD: Readonly<Record<Outcome, string>> = {
  pass: "ok",
  fail: "FAIL",
  skip: "skip",
};

/** Control sequences of ECMA-48: green, red, yellow. */
const COLOR: Readonly<Record<Outcome, string>> = {
  pass: "\x1b[32m",
  fail: "\x1b[31m",
  skip: "\x1b[33m",
};

const FAINT = "\x1b[2m";

const END = "\x1b[0m";

/** Widths of the columns, in characters. */
const OUTCOME_WIDTH = 6;
const NAME_WIDTH = 15;

const INDENT = " ".repeat(OUTCOME_WIDTH + NAME_WIDTH);

/**
 * Formats a step's line and the lines below it; none if the step was not tried.
 *
 * @param result of the step
 * @param colors whether to colour the lines for a terminal
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
 * Formats the last lines: the steps that were not tried, and the counts.
 *
 * @param results of all steps
 * @param colors whether to colour the lines for a terminal
 */
export function summaryLines(
  results: readonly StepResult[],
  colors: boolean,
): string[] {
  const untried = results.filter(({ isTried }) => !isTried);
  const { pass, fail, skip } = count(results);
  const last = `${pass} passed, ${fail} failed, ${skip} skipped`;
  if (untried.length === 0) return [last];
  const { seen } = untried[0]!;
  return [stepLine("skip", `${untried.length} others`, seen, colors), last];
}

/**
 * Formats all results as a JSON document.
 *
 * @param url the server's address
 * @param results of all steps
 */
export function jsonReport(url: URL, results: readonly StepResult[]): string {
  const { pass, fail, skip } = count(results);
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
