import { assertEquals } from "@std/assert";
import {
  count,
  jsonReport,
  summaryLines,
  textLines,
} from "../../../lib/probe/report.ts";
import {
  formatBytes,
  formatTime,
  quoted,
} from "../../../lib/probe/step/format.ts";
import type { StepResult } from "../../../lib/probe/step/step.ts";
import { summary } from "../../../lib/probe/steps/round_trips.ts";

const PASS: StepResult = {
  name: "text",
  outcome: "pass",
  isTried: true,
  time: 1.23456,
  seen: "it came back",
  expected: "it comes back",
  source: "RFC 6455 §5.6",
  hint: undefined,
  lines: ["further"],
  details: { bytes: 3 },
};

const FAIL: StepResult = {
  ...PASS,
  outcome: "fail",
  seen: "it did not",
  hint: "do this",
  lines: [],
  details: {},
};

const UNTRIED: StepResult = {
  ...PASS,
  outcome: "skip",
  isTried: false,
  seen: "not tried",
};

Deno.test("textLines() writes one line per step and its details below", () => {
  assertEquals(textLines(PASS, false), [
    "ok    text           it came back",
    "                     further",
  ]);
  assertEquals(textLines(FAIL, false), [
    "FAIL  text           it did not",
    "                     expected: it comes back (RFC 6455 §5.6)",
    "                     hint: do this",
  ]);
  assertEquals(textLines(UNTRIED, false), []);
});

Deno.test("textLines() colours the outcome when colours are on", () => {
  assertEquals(textLines(FAIL, true)[0]!.startsWith("\x1b[31mFAIL"), true);
  assertEquals(textLines(PASS, true)[0]!.startsWith("\x1b[32mok"), true);
});

Deno.test("summaryLines() counts outcomes and steps that were not tried", () => {
  assertEquals(summaryLines([PASS, FAIL], false), [
    "1 passed, 1 failed, 0 skipped",
  ]);
  assertEquals(summaryLines([FAIL, UNTRIED, UNTRIED], false), [
    "skip  2 others       not tried",
    "0 passed, 1 failed, 2 skipped",
  ]);
});

Deno.test("jsonReport() writes one document", () => {
  const url = new URL("ws://localhost/");
  const results = [PASS, FAIL, UNTRIED];
  assertEquals(count(results), { pass: 1, fail: 1, skip: 1 });
  const step = {
    name: "text",
    expected: "it comes back",
    source: "RFC 6455 §5.6",
  };
  assertEquals(JSON.parse(jsonReport(url, results)), {
    url: "ws://localhost/",
    ok: false,
    passed: 1,
    failed: 1,
    skipped: 1,
    steps: [
      {
        ...step,
        outcome: "pass",
        ms: 1.235,
        seen: "it came back",
        details: { bytes: 3 },
      },
      {
        ...step,
        outcome: "fail",
        ms: 1.235,
        seen: "it did not",
        hint: "do this",
        details: {},
      },
      {
        ...step,
        outcome: "skip",
        ms: 1.235,
        seen: "not tried",
        details: { bytes: 3 },
      },
    ],
  });
  assertEquals(JSON.parse(jsonReport(url, [PASS, UNTRIED])).ok, true);
});

Deno.test("summary() uses nearest ranks", () => {
  const times = Float64Array.from({ length: 200 }, (_, i) => 200 - i);
  assertEquals(summary(times), { min: 1, median: 100, p99: 198, max: 200 });
  assertEquals(summary(Float64Array.of(7)), {
    min: 7,
    median: 7,
    p99: 7,
    max: 7,
  });
});

Deno.test("quoted() cuts long texts and escapes control characters", () => {
  assertEquals(quoted("a\x1b[2J\n"), '"a\\u001b[2J\\n"');
  assertEquals(quoted("x".repeat(200)).length, 83);
});

Deno.test("formatTime() and formatBytes() keep values short", () => {
  assertEquals(
    [0.0714, 7.138, 123.4, 1234].map(formatTime),
    ["0.071 ms", "7.14 ms", "123 ms", "1.23 s"],
  );
  assertEquals([formatBytes(0), formatBytes(1)], ["0 bytes", "1 byte"]);
});
