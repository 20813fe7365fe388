/**
 * The results of an agent as lines of text: a table of the families, and the failures.
 *
 * @module
 */

import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { FAMILIES } from "../../../lib/conformance/cases.ts";
import {
  countVerdicts,
  familyOf,
  summaryOf,
} from "../../../lib/conformance/reports/counts.ts";
import type {
  Comparison,
  Difference,
} from "../../../lib/conformance/reports/expected.ts";

/** Width of the first column, in characters: the longest title, and its number. */
const FAMILY_WIDTH = 3 + Math.max(...FAMILIES.map(({ title }) => title.length));

/** Widths of the other columns, in characters. */
const COLUMNS = {
  "cases": 6,
  "OK": 5,
  "NON-STRICT": 11,
  "INFO": 5,
  "UNIMPL": 7,
  "FAILED": 7,
};

/**
 * Formats a table with a row for each family.
 *
 * @param agent its name
 * @param results of the agent
 */
export function tableLines(
  agent: string,
  results: readonly CaseResult[],
): string[] {
  const rows = FAMILIES.flatMap(({ number, title }) => {
    const own = results.filter(({ case: { id } }) => familyOf(id) === number);
    if (own.length === 0) return [];
    return [row(`${String(number).padStart(2)} ${title}`, own)];
  });
  const heads = Object.entries(COLUMNS)
    .map(([name, width]) => name.padStart(width));
  return [
    `${printable(agent)}: ${summaryOf(countVerdicts(results))}`,
    `${"family".padEnd(FAMILY_WIDTH)}${heads.join("")}`,
    ...rows,
  ];
}

function row(family: string, results: readonly CaseResult[]): string {
  const { cases, behaviors, failed } = countVerdicts(results);
  const numbers = [
    cases,
    behaviors.OK,
    behaviors["NON-STRICT"],
    behaviors.INFORMATIONAL,
    behaviors.UNIMPLEMENTED,
    failed,
  ];
  const widths = Object.values(COLUMNS);
  const cells = numbers.map((n, i) => String(n).padStart(widths[i]!));
  return family.padEnd(FAMILY_WIDTH) + cells.join("");
}

/**
 * Formats the results that differ from the expected ones.
 *
 * @param comparison of an agent
 */
export function differenceLines(
  { unexpected, changed }: Comparison,
): string[] {
  return [
    ...unexpected.flatMap(failureLines),
    ...changed.map(({ result, expected }) =>
      `${result.case.id} is ${verdictsOf(result)} now, and listed as ` +
      verdictsOf(expected)
    ),
  ];
}

const INDENT = " ".repeat(6);

function failureLines({ result, expected }: Difference): string[] {
  const { case: testCase } = result;
  const isListed = expected.behavior !== "OK" ||
    expected.behaviorClose !== "OK";
  return [
    `FAIL  ${testCase.id}: ${testCase.description}`,
    `${INDENT}expected: ${testCase.expectation} (${testCase.section})`,
    `${INDENT}frames ${result.behavior}: ${result.result}`,
    `${INDENT}end ${result.behaviorClose}: ${result.resultClose}`,
    ...(isListed ? [`${INDENT}listed as ${verdictsOf(expected)}`] : []),
  ];
}

function verdictsOf(
  { behavior, behaviorClose }: Difference["expected"],
): string {
  return `${behavior}, end ${behaviorClose}`;
}

/** Names of agents come from the network. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\ufffd");
}
