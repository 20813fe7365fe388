/**
 * The results of agents as a JUnit report (XML).
 *
 * @module
 */

import { junit, type JunitCase } from "../../reports/junit.ts";
import { FAMILIES } from "../cases.ts";
import type { CaseResult } from "../case/result.ts";
import { familyOf, isFailed } from "./counts.ts";

/**
 * Formats results; each agent is a suite. `UNIMPLEMENTED` counts as skipped.
 *
 * @param agents the results of each agent
 */
export function conformanceJunit(
  agents: readonly (readonly CaseResult[])[],
): string {
  return junit(
    "conformance",
    agents.filter((results) => results.length > 0).map((results) => ({
      name: results[0]!.agent,
      start: new Date(Math.min(...results.map(({ started }) => started))),
      cases: results.map(testCase),
    })),
  );
}

function testCase(result: CaseResult): JunitCase {
  const { case: { id, section, description, expectation } } = result;
  const { title } = FAMILIES.find(({ number }) => number === familyOf(id))!;
  const isSkipped = result.behavior === "UNIMPLEMENTED";
  return {
    name: `${id} ${description}`,
    classname: `${result.agent}.${familyOf(id)} ${title}`,
    time: result.duration,
    outcome: isFailed(result) ? "fail" : isSkipped ? "skip" : "pass",
    message: `${result.behavior}, end ${result.behaviorClose}`,
    explanation: [
      `expected: ${expectation} (${section})`,
      `frames: ${result.behavior}: ${result.result}`,
      `end: ${result.behaviorClose}: ${result.resultClose}`,
    ].join("\n"),
  };
}
