import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { badge } from "../../../../lib/conformance/reports/badge.ts";
import {
  countVerdicts,
  summaryOf,
} from "../../../../lib/conformance/reports/counts.ts";
import { conformanceJunit } from "../../../../lib/conformance/reports/junit_report.ts";
import { markdownSummary } from "../../../../lib/conformance/reports/summary.ts";
import { resultOf } from "./results.ts";

const RESULTS = [
  resultOf("1.1.1"),
  resultOf("2.1", { behavior: "FAILED", behaviorClose: "UNCLEAN" }),
  resultOf("7.1.1", { behaviorClose: "WRONG CODE", resultClose: "a|b" }),
  resultOf("12.1.1", { behavior: "UNIMPLEMENTED" }),
];

Deno.test("summaryOf() names the verdicts, and the ends that alone have failed", () => {
  assertEquals(
    summaryOf(countVerdicts(RESULTS)),
    "2 OK, 1 UNIMPLEMENTED, 1 FAILED, 1 with a failed end",
  );
  assertEquals(summaryOf(countVerdicts([])), "no case");
});

Deno.test("badge() shows the cases that have not failed", () => {
  assertStringIncludes(badge(countVerdicts(RESULTS)), ">2/4</text>");
  assertStringIncludes(badge(countVerdicts([])), ">no results</text>");
});

Deno.test("conformanceJunit() has a suite for each agent, and skips what is not implemented", () => {
  const xml = conformanceJunit([
    RESULTS,
    [resultOf("1.1.1", { agent: "<b>" })],
    [],
  ]);
  assertStringIncludes(xml, 'tests="5" failures="2" errors="0" skipped="1"');
  assertStringIncludes(xml, 'name="client" timestamp="2026-01-02T03:04:05"');
  assertStringIncludes(xml, '<testsuite name="&lt;b&gt;"');
  assertStringIncludes(xml, 'message="FAILED, end UNCLEAN"');
});

Deno.test("markdownSummary() has a row for each family and for each failure", () => {
  const text = markdownSummary([RESULTS]);
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  assertEquals(rows.length, 2 + 4 + 2 + 2);
  assertStringIncludes(text, "| 1 Framing | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |");
  assertStringIncludes(text, "a\\|b");
});

Deno.test("markdownSummary() shows markup in a name as it is", () => {
  const agent = "<img src=x>\n# [a](b)";
  const text = markdownSummary([[resultOf("1.1.1", { agent })]]);
  assertFalse(/[^\\]<img/.test(text));
  assertFalse(text.includes("\n# [a"));
  assertFalse(/[^\\]\[a/.test(text));
});
