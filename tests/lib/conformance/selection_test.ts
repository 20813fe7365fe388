import { assertEquals, assertThrows } from "@std/assert";
import { CASES } from "../../../lib/conformance/cases.ts";
import {
  PatternError,
  type Patterns,
  selectCases,
  splitPatterns,
} from "../../../lib/conformance/selection.ts";

function idsOf(patterns: Patterns): string[] {
  return selectCases(patterns).map(({ id }) => id);
}

Deno.test("selectCases() selects all cases by default, and for *", () => {
  assertEquals(selectCases(), CASES);
  assertEquals(selectCases({ cases: ["*"] }), CASES);
});

Deno.test("selectCases() keeps the suite's order, and each case once", () => {
  assertEquals(idsOf({ cases: ["10.1.1", "1.2.1", "1.2.1", "1.1.8"] }), [
    "1.1.8",
    "1.2.1",
    "10.1.1",
  ]);
});

Deno.test("selectCases() compares the point of a pattern", () => {
  assertEquals(idsOf({ cases: ["1.*"] }).length, 16);
  assertEquals(idsOf({ cases: ["1*"] }).length, 16 + 1 + 90 + 126);
});

Deno.test("selectCases() needs no match of an id's end, as the suite", () => {
  assertEquals(idsOf({ cases: ["7.*.1"] }), [
    ...["7.1.1", "7.3.1", "7.5.1"],
    ...["7.7.1", "7.7.10", "7.7.11", "7.7.12", "7.7.13"],
    ...["7.9.1", "7.13.1"],
  ]);
});

Deno.test("selectCases() leaves cases out", () => {
  assertEquals(idsOf({ exclude: ["9.*", "12.*", "13.*"] }).length, 247);
  assertEquals(
    idsOf({ cases: ["3.*"], exclude: ["3.1", "3.7"] }),
    ["3.2", "3.3", "3.4", "3.5", "3.6"],
  );
});

for (const pattern of ["", "8.*", "1.1", "1.1.9", "x", "9.9.*", "*x*"]) {
  Deno.test(`selectCases() refuses the pattern ${JSON.stringify(pattern)}`, () => {
    assertThrows(() => selectCases({ cases: [pattern] }), PatternError);
    assertThrows(() => selectCases({ exclude: [pattern] }), PatternError);
  });
}

Deno.test("splitPatterns() splits at commas", () => {
  assertEquals(splitPatterns(" 1.*, 9.1.1 ,,"), ["1.*", "9.1.1"]);
});
