/**
 * JUnit reports (XML) for CI systems.
 *
 * @module
 */

import { escapeXml } from "../http/markup.ts";

/** A test case of a report. */
export interface JunitCase {
  /** Its name. */
  readonly name: string;
  /** The group that it belongs to. */
  readonly classname: string;
  /** Milliseconds that it took. */
  readonly time: number;
  /** Whether it has passed. */
  readonly outcome: "pass" | "fail" | "skip";
  /** Why it has failed or was skipped, in a line. */
  readonly message: string;
  /** Explains a failure. */
  readonly explanation?: string;
  /** Further lines. */
  readonly output?: readonly string[];
}

/** A suite of a report. */
export interface JunitSuite {
  /** Its name. */
  readonly name: string;
  /** The time at which it started. */
  readonly start: Date;
  /** Its cases. */
  readonly cases: readonly JunitCase[];
}

/**
 * Formats a report.
 *
 * @param name of the report, and the type of its failures
 * @param suites of the report
 */
export function junit(name: string, suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    tag("testsuites", { name, ...totals(all) }),
    ...suites.flatMap((suite) => suiteLines(name, suite)),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines(
  type: string,
  { name, start, cases }: JunitSuite,
): string[] {
  // The usual schema of JUnit reports allows no time zone in a timestamp.
  const timestamp = start.toISOString().slice(0, 19);
  return [
    `  ${tag("testsuite", { name, timestamp, ...totals(cases) })}`,
    ...cases.flatMap((testCase) => caseLines(type, testCase)),
    "  </testsuite>",
  ];
}

function totals(cases: readonly JunitCase[]): Record<string, string | number> {
  const count = (outcome: JunitCase["outcome"]) =>
    cases.filter((testCase) => testCase.outcome === outcome).length;
  return {
    tests: cases.length,
    failures: count("fail"),
    errors: 0,
    skipped: count("skip"),
    time: seconds(cases.reduce((sum, { time }) => sum + time, 0)),
  };
}

function caseLines(type: string, testCase: JunitCase): string[] {
  const { name, classname, outcome, message, explanation = "" } = testCase;
  const time = seconds(testCase.time);
  const body: string[] = [];
  if (outcome === "fail") {
    const failure = tag("failure", { message, type });
    body.push(`${failure}${escapeXml(explanation)}</failure>`);
  } else if (outcome === "skip") {
    body.push(tag("skipped", { message }).replace(/>$/, "/>"));
  }
  const { output = [] } = testCase;
  if (output.length > 0) {
    body.push(`<system-out>${escapeXml(output.join("\n"))}</system-out>`);
  }
  return [
    `    ${tag("testcase", { name, classname, time })}`,
    ...body.map((line) => `      ${line}`),
    "    </testcase>",
  ];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function tag(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): string {
  const written = Object.entries(attributes).map(([name, value]) =>
    ` ${name}="${escapeXml(String(value))}"`
  );
  return `<${name}${written.join("")}>`;
}
