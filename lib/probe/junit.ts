/**
 * The results of the probe as a JUnit report (XML) for CI systems.
 *
 * @module
 */

import { junit, type JunitCase } from "../reports/junit.ts";
import type { StepResult } from "./step/step.ts";

/**
 * Formats all results as a JUnit report.
 *
 * @param url the server's address
 * @param results of all steps
 * @param start time at which the probe started
 */
export function junitReport(
  url: URL,
  results: readonly StepResult[],
  start: Date,
): string {
  const cases = results.map((result) => testCase(url, result));
  return junit("probe", [{ name: url.href, start, cases }]);
}

function testCase(url: URL, result: StepResult): JunitCase {
  const { name, outcome, time, seen, lines } = result;
  return {
    name,
    classname: url.href,
    time,
    outcome,
    message: seen,
    explanation: explanation(result),
    output: outcome === "pass" ? [seen, ...lines] : lines,
  };
}

function explanation({ expected, source, hint }: StepResult): string {
  const where = source === "" ? "" : ` (${source})`;
  const help = hint === undefined ? "" : `\nhint: ${hint}`;
  return `expected: ${expected}${where}${help}`;
}
