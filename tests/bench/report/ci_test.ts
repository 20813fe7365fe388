import { assertEquals, assertMatch } from "@std/assert";
import { CI_LOADS } from "../loads.ts";
import { verdicts } from "./ci.ts";
import type { ThroughputResult } from "./results.ts";

function rates(...rates: number[]): ThroughputResult {
  const cpus = rates.map(() => 1.5);
  return { rate: rates[0]!, rates, cpu: 1.5, cpus, generatorIdle: 0.5 };
}

Deno.test("verdicts() fails loads that are too slow or not measured", () => {
  const [single, eight, large] = CI_LOADS.map(({ id }) => id);
  const found = verdicts(CI_LOADS, {
    [single!]: { edge: rates(90, 91, 92), deno: rates(100, 100, 100) },
    [eight!]: { edge: rates(89), deno: rates(100) },
    [large!]: { edge: { failed: "no" }, deno: rates(100) },
  });
  assertEquals(found.map(({ ok }) => ok), [true, false, false]);
  assertMatch(found[0]!.line, /ratio 0\.910, the median of 3: ok$/);
  assertMatch(found[1]!.line, /ratio 0\.890, the median of 1: below 0\.9$/);
  assertMatch(found[2]!.line, /not measured/);
});
