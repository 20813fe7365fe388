/**
 * Expected results: the verdicts of cases that are known not to be `OK`. The file has the
 * form of `index.json`, where a pattern such as `12.*` may stand for an id; each case that
 * it does not list is expected to pass.
 *
 * @module
 */

import { PatternError, selectCases } from "../selection.ts";
import type { CaseResult } from "../case/result.ts";
import { isFailed, type Verdicts } from "./counts.ts";

/** A file of expected results is not valid. */
export class ExpectedError extends Error {
  /** The class's name. */
  override readonly name = "ExpectedError";
}

/** The expected verdicts of one agent, by the ids of the cases. */
export type ExpectedCases = ReadonlyMap<string, Verdicts>;

/** The expected verdicts, by agent. */
export type ExpectedResults = ReadonlyMap<string, ExpectedCases>;

/**
 * Reads expected results.
 *
 * @param text JSON: `{ "AGENT": { "1.1.1": { "behavior": …, "behaviorClose": … } } }`
 * @throws {ExpectedError} the text has another form, or an unknown case
 */
export function readExpected(text: string): ExpectedResults {
  let agents: unknown;
  try {
    agents = JSON.parse(text);
  } catch (error) {
    throw new ExpectedError(`not JSON: ${(error as Error).message}`);
  }
  return new Map(
    entriesOf(agents, "the file").map(([agent, cases]) => {
      const listed = entriesOf(cases, JSON.stringify(agent));
      // An id has precedence over a pattern.
      listed.sort(([a], [b]) =>
        Number(b.includes("*")) - Number(a.includes("*"))
      );
      return [agent, new Map(listed.flatMap(casesOf))];
    }),
  );
}

function casesOf([pattern, value]: [string, unknown]): [string, Verdicts][] {
  const verdicts = verdictsOf(pattern, value);
  try {
    return selectCases({ cases: [pattern] }).map(({ id }) => [id, verdicts]);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpectedError(error.message);
  }
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw new ExpectedError(`${what} has to be an object`);
}

function verdictsOf(id: string, value: unknown): Verdicts {
  const { behavior, behaviorClose } = (value ?? {}) as Partial<Verdicts>;
  if (typeof behavior === "string" && typeof behaviorClose === "string") {
    return { behavior, behaviorClose };
  }
  throw new ExpectedError(`${id} has no "behavior" or no "behaviorClose"`);
}

/** A result that differs from the expected one. */
export interface Difference {
  /** The result. */
  readonly result: CaseResult;
  /** The expected verdicts. */
  readonly expected: Verdicts;
}

const PASSED: Verdicts = { behavior: "OK", behaviorClose: "OK" };

/** Results in comparison with the expected ones. */
export interface Comparison {
  /** Failed cases that are not expected to fail in this way. */
  readonly unexpected: readonly Difference[];
  /** Other cases with another verdict than the expected one. */
  readonly changed: readonly Difference[];
}

/**
 * Compares the results of an agent. If the file has one agent only, it stands for any
 * agent, so that a name may have a version.
 *
 * @param agent its name
 * @param results of the agent
 * @param all the expected results of all agents; unset: each case has to pass
 */
export function compareResults(
  agent: string,
  results: readonly CaseResult[],
  all?: ExpectedResults,
): Comparison {
  const only = all?.size === 1 ? [...all.values()][0] : undefined;
  const cases = all?.get(agent) ?? only;
  const differences = results.map((result) => ({
    result,
    expected: cases?.get(result.case.id) ?? PASSED,
  })).filter(({ result, expected }) =>
    result.behavior !== expected.behavior ||
    result.behaviorClose !== expected.behaviorClose
  );
  return {
    unexpected: differences.filter(({ result }) => isFailed(result)),
    changed: all === undefined
      ? []
      : differences.filter(({ result }) => !isFailed(result)),
  };
}

/**
 * Makes a file of expected results from results.
 *
 * @param agents the results of each agent
 */
export function expectedJson(
  agents: readonly (readonly CaseResult[])[],
): string {
  const parts = agents.filter((results) => results.length > 0)
    .map((results) => {
      const lines = results.filter(({ behavior, behaviorClose }) =>
        behavior !== PASSED.behavior || behaviorClose !== PASSED.behaviorClose
      ).map(({ case: { id }, behavior, behaviorClose }) =>
        `    "${id}": { "behavior": "${behavior}", ` +
        `"behaviorClose": "${behaviorClose}" }`
      );
      const cases = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
      return `  ${JSON.stringify(results[0]!.agent)}: ${cases}`;
    });
  return parts.length === 0 ? "{}\n" : `{\n${parts.join(",\n")}\n}\n`;
}
