import { assertEquals } from "@std/assert";
import { median, pairedRatio } from "./report/statistics.ts";

Deno.test("median() is the middle, or between the two in the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([10, 9, 100, 1]), 9.5);
});

Deno.test("pairedRatio() compares what was measured in the same round", () => {
  assertEquals(pairedRatio([10, 2, 40], [20, 2, 10]), 1);
});
