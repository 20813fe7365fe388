import { assertEquals } from "@std/assert";
import { sampledNow } from "../../../lib/scheduling/sampled_clock.ts";

Deno.test("sampledNow() returns the time for one call in 256", () => {
  const before = performance.now();
  const times = Array.from({ length: 2560 }, sampledNow).filter((now) =>
    now > 0
  );
  assertEquals(times.length, 10);
  assertEquals(
    times.every((now) => now >= before && now <= performance.now()),
    true,
  );
});
