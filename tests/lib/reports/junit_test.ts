import { assertEquals, assertStringIncludes } from "@std/assert";
import { junit, type JunitCase } from "../../../lib/reports/junit.ts";

const START = new Date("2026-01-02T03:04:05.678Z");

const PASSED: JunitCase = {
  name: "1.1.1",
  classname: "Framing",
  time: 1500,
  outcome: "pass",
  message: "",
};

Deno.test("junit() counts the cases of each suite and of all suites", () => {
  const failed: JunitCase = { ...PASSED, outcome: "fail", message: "no" };
  const skipped: JunitCase = { ...PASSED, outcome: "skip", message: "off" };
  const xml = junit("suite", [
    { name: "a", start: START, cases: [PASSED, failed] },
    { name: "b", start: START, cases: [skipped] },
  ]);
  const head = (text: string) => xml.split("\n").find((l) => l.includes(text));
  assertEquals(
    head("<testsuites"),
    '<testsuites name="suite" tests="3" failures="1" errors="0" skipped="1" time="4.500">',
  );
  assertEquals(
    head('name="b"'),
    '  <testsuite name="b" timestamp="2026-01-02T03:04:05" tests="1" failures="0" errors="0" skipped="1" time="1.500">',
  );
  assertStringIncludes(xml, '<failure message="no" type="suite"></failure>');
  assertStringIncludes(xml, '<skipped message="off"/>');
});
