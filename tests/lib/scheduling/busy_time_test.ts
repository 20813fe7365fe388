import { assert } from "@std/assert";
import { busySince, moment } from "../../../lib/scheduling/busy_time.ts";

Deno.test("busySince() counts work, and no more than the clock", () => {
  const start = moment();
  let turns = 0;
  while (busySince(start) < 20) turns++;
  assert(turns > 0);
  assert(performance.now() - start.clock >= 20);
});

Deno.test("busySince() does not count a wait", async () => {
  const start = moment();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const waited = performance.now() - start.clock;
  assert(busySince(start) < waited / 2, `${waited} ms`);
});
