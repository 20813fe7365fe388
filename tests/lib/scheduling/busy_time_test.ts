import { assert, assertEquals } from "@std/assert";
import { busySince, moment } from "../../../lib/scheduling/busy_time.ts";

const START = { clock: 1000, processor: 50 };

for (
  const [title, now, expected] of [
    ["counts no wait", { clock: 1300, processor: 60 }, 10],
    ["counts work", { clock: 1300, processor: 340 }, 290],
    ["counts several threads once", { clock: 1300, processor: 650 }, 300],
  ] as const
) {
  Deno.test(`busySince() ${title}`, () =>
    assertEquals(busySince(START, now), expected));
}

Deno.test("busySince() grows while the process works", () => {
  const start = moment();
  let turns = 0;
  while (busySince(start) < 20) turns++;
  assert(turns > 0);
  assert(performance.now() - start.clock >= 20);
});
