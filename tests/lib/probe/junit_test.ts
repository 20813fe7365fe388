import { assertEquals } from "@std/assert";
import { junitReport } from "../../../lib/probe/junit.ts";
import type { StepResult } from "../../../lib/probe/step/step.ts";

const PASS: StepResult = {
  name: "text",
  outcome: "pass",
  isTried: true,
  time: 1234.56,
  seen: 'a "text" <came> & went\x1b\ud800',
  expected: "it comes back",
  source: "RFC 6455 §5.6",
  hint: undefined,
  lines: ["further"],
  details: {},
};

const FAIL: StepResult = {
  ...PASS,
  name: "ping",
  outcome: "fail",
  time: 1,
  seen: "no <PONG>",
  hint: "try & see",
  lines: [],
};

const SKIP: StepResult = {
  ...FAIL,
  name: "deflate",
  outcome: "skip",
  time: 0,
  seen: "not agreed on",
};

Deno.test("junitReport() writes one case per step in characters that XML 1.0 allows", () => {
  const start = new Date("2026-01-31T12:00:00.500Z");
  const url = new URL("ws://localhost/?a=1&b=2");
  const name = "ws://localhost/?a=1&amp;b=2";
  const totals = 'tests="3" failures="1" errors="0" skipped="1" time="1.236"';
  assertEquals(
    junitReport(url, [PASS, FAIL, SKIP], start),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="probe" ${totals}>
  <testsuite name="${name}" timestamp="2026-01-31T12:00:00" ${totals}>
    <testcase name="text" classname="${name}" time="1.235">
      <system-out>a &quot;text&quot; &lt;came&gt; &amp; went\ufffd\ufffd
further</system-out>
    </testcase>
    <testcase name="ping" classname="${name}" time="0.001">
      <failure message="no &lt;PONG&gt;" type="probe">expected: it comes back (RFC 6455 §5.6)
hint: try &amp; see</failure>
    </testcase>
    <testcase name="deflate" classname="${name}" time="0.000">
      <skipped message="not agreed on"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});
