import { assert, assertEquals } from "@std/assert";
import { sampledNow } from "../../../lib/scheduling/sampled_clock.ts";

Deno.test("sampledNow() returns the time for one call in 256 on average", () => {
  const before = performance.now();
  const times = Array.from({ length: 2560 }, sampledNow).filter((now) =>
    now > 0
  );
  // Of 2560 calls, at most one in 128 and at least one in 383.
  assert(times.length >= 6 && times.length <= 20, `${times.length} times`);
  assertEquals(
    times.every((now) => now >= before && now <= performance.now()),
    true,
  );
});

Deno.test("sampledNow() returns the time to each of two callers that take turns", () => {
  const counts = [0, 0];
  for (let call = 0; call < 100_000; call++) {
    if (sampledNow() > 0) counts[call % 2]!++;
  }
  // About 195 each; by chance fewer than 100 once in 10^20 runs.
  assert(counts.every((count) => count > 100), counts.join());
});
