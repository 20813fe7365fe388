import { assertEquals, assertThrows } from "@std/assert";
import {
  compareResults,
  type Difference,
  ExpectedError,
  expectedJson,
  readExpected,
} from "../../../../lib/conformance/reports/expected.ts";
import { resultOf } from "./results.ts";

const FAILED = resultOf("5.1", { behavior: "FAILED" });
const UNCLEAN = resultOf("5.2", { behaviorClose: "UNCLEAN" });
const NON_STRICT = resultOf("6.4.1", { behavior: "NON-STRICT" });
const ALL = [resultOf("1.1.1"), FAILED, UNCLEAN, NON_STRICT];

const ids = (differences: readonly Difference[]) =>
  differences.map(({ result }) => result.case.id);

Deno.test("compareResults() reports every failure when nothing is expected", () => {
  const { unexpected, changed } = compareResults("client", ALL);
  assertEquals([ids(unexpected), ids(changed)], [["5.1", "5.2"], []]);
});

Deno.test("compareResults() accepts the results of expectedJson()", () => {
  const text = expectedJson([ALL]);
  assertEquals(Object.keys(JSON.parse(text).client), ["5.1", "5.2", "6.4.1"]);
  const { unexpected, changed } = compareResults(
    "client",
    ALL,
    readExpected(text),
  );
  assertEquals([unexpected, changed], [[], []]);
});

Deno.test("compareResults() reports a failure of another kind than the listed one", () => {
  const expected = readExpected(expectedJson([[FAILED]]));
  const other = resultOf("5.1", { behaviorClose: "WRONG CODE" });
  assertEquals(
    ids(compareResults("client", [other], expected).unexpected),
    ["5.1"],
  );
});

Deno.test("compareResults() tells that a listed case passes now", () => {
  const expected = readExpected(expectedJson([[FAILED]]));
  const { unexpected, changed } = compareResults(
    "client",
    [resultOf("5.1")],
    expected,
  );
  assertEquals([ids(unexpected), ids(changed)], [[], ["5.1"]]);
});

Deno.test("compareResults() takes the only agent of a file for any agent", () => {
  const one = readExpected(expectedJson([[FAILED]]));
  assertEquals(compareResults("client/2", [FAILED], one).unexpected, []);
  const two = readExpected(
    expectedJson([[FAILED], [resultOf("5.1", { agent: "other" })]]),
  );
  assertEquals(ids(compareResults("client/2", [FAILED], two).unexpected), [
    "5.1",
  ]);
});

Deno.test("readExpected() reads the suite's index.json", () => {
  const entry = {
    behavior: "OK",
    behaviorClose: "OK",
    duration: 2,
    remoteCloseCode: 1000,
    reportfile: "a_case_1_1_1.json",
  };
  const read = readExpected(JSON.stringify({ a: { "1.1.1": entry } }));
  assertEquals(read.get("a")!.get("1.1.1"), {
    behavior: "OK",
    behaviorClose: "OK",
  });
});

Deno.test("readExpected() reads patterns, and prefers ids", () => {
  const failed = { behavior: "FAILED", behaviorClose: "OK" };
  const other = { behavior: "UNIMPLEMENTED", behaviorClose: "OK" };
  const text = JSON.stringify({ a: { "1.1.2": failed, "1.1.*": other } });
  const cases = readExpected(text).get("a")!;
  assertEquals(cases.size, 8);
  assertEquals([cases.get("1.1.1"), cases.get("1.1.2")], [other, failed]);
});

Deno.test("expectedJson() is an empty object when there are no results", () => {
  assertEquals(readExpected(expectedJson([])).size, 0);
  const passed = readExpected(expectedJson([[resultOf("1.1.1")]]));
  assertEquals(passed.get("client")!.size, 0);
});

for (
  const [text, why] of [
    ["", "not JSON"],
    ["[]", "the file has to be an object"],
    ['{"a":1}', '"a" has to be an object'],
    [
      '{"a":{"8.1":{"behavior":"OK","behaviorClose":"OK"}}}',
      '"8.1" is no case',
    ],
    ['{"a":{"1.1.1":{"behavior":"OK"}}}', '1.1.1 has no "behavior" or no'],
    ['{"a":{"1.1.1":null}}', '1.1.1 has no "behavior" or no'],
  ] as const
) {
  Deno.test(`readExpected() refuses ${text || "an empty file"}`, () => {
    assertThrows(() => readExpected(text), ExpectedError, why);
  });
}
