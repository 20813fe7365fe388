import { assertEquals } from "@std/assert";
import { sampledNow } from "../../../lib/scheduling/sampled_clock.ts";

Deno.test("sampledNow() tells one call in 256 the time", () => {
  const before = performance.now();
  const told = Array.from({ length: 2560 }, sampledNow).filter((now) =>
    now > 0
  );
  assertEquals(told.length, 10);
  assertEquals(
    told.every((now) => now >= before && now <= performance.now()),
    true,
  );
});
