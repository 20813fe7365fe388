/**
 * The results of the probe as a JUnit report (XML) for CI systems.
 *
 * @module
 */

import { count } from "./report.ts";
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
  const { fail, skip } = count(results);
  const time = results.reduce((sum, result) => sum + result.time, 0);
  const totals = {
    tests: results.length,
    failures: fail,
    errors: 0,
    skipped: skip,
    time: seconds(time),
  };
  // The usual schema of JUnit reports allows no time zone in a timestamp.
  const timestamp = start.toISOString().slice(0, 19);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    tag("testsuites", { name: "probe", ...totals }),
    `  ${tag("testsuite", { name: url.href, timestamp, ...totals })}`,
    ...results.flatMap((result) => testCase(url, result)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(url: URL, result: StepResult): string[] {
  const { name, outcome, time, seen, lines } = result;
  const start = tag("testcase", {
    name,
    classname: url.href,
    time: seconds(time),
  });
  const body: string[] = [];
  if (outcome === "fail") {
    const failure = tag("failure", { message: seen, type: "probe" });
    body.push(`${failure}${escaped(explanation(result))}</failure>`);
  } else if (outcome === "skip") {
    body.push(tag("skipped", { message: seen }).replace(/>$/, "/>"));
  }
  const output = outcome === "pass" ? [seen, ...lines] : lines;
  if (output.length > 0) {
    body.push(`<system-out>${escaped(output.join("\n"))}</system-out>`);
  }
  return [
    `    ${start}`,
    ...body.map((line) => `      ${line}`),
    "    </testcase>",
  ];
}

function explanation({ expected, source, hint }: StepResult): string {
  const where = source === "" ? "" : ` (${source})`;
  const help = hint === undefined ? "" : `\nhint: ${hint}`;
  return `expected: ${expected}${where}${help}`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function tag(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): string {
  const written = Object.entries(attributes).map(([name, value]) =>
    ` ${name}="${escaped(String(value))}"`
  );
  return `<${name}${written.join("")}>`;
}

/** Characters that XML 1.0 forbids, as references, too (XML 1.0 §2.2). */
const FORBIDDEN =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const REFERENCE: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.toWellFormed()
    .replace(FORBIDDEN, "\ufffd")
    .replace(/[&<>"]/g, (character) => REFERENCE[character]!);
}
