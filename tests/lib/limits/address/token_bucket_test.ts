import { assertAlmostEquals, assertEquals } from "@std/assert";
import { TokenBucket } from "../../../../lib/limits/address/token_bucket.ts";

/** Takes a token at each time; returns the waits. */
function waits(rate: number, times: readonly number[]): number[] {
  const bucket = new TokenBucket(rate);
  let fullAt = 0;
  return times.map((now) => {
    const take = bucket.take(fullAt, now);
    fullAt = take.fullAt;
    return Math.round(take.wait);
  });
}

Deno.test("TokenBucket holds the tokens of one second", () => {
  assertEquals(waits(4, [5, 5, 5, 5, 5]), [0, 0, 0, 0, 250]);
});

Deno.test("TokenBucket refills at its rate", () => {
  const burst = [0, 0, 0, 0];
  assertEquals(
    waits(4, [...burst, 249, 250, 250, 750, 750, 750]).slice(4),
    [1, 0, 250, 0, 0, 250],
  );
});

Deno.test("TokenBucket never holds more than the tokens of one second", () => {
  assertEquals(waits(2, [0, 99_999, 99_999, 99_999]), [0, 0, 0, 500]);
});

Deno.test("TokenBucket limits to one token per second", () => {
  assertEquals(waits(1, [0, 0, 999, 1000, 1500]), [0, 1000, 1, 0, 500]);
});

Deno.test("TokenBucket never refuses a steady rate", () => {
  const times = Array.from({ length: 100_000 }, (_, i) => i * (1000 / 3));
  assertEquals(waits(3, times).filter((wait) => wait > 0), []);
});

Deno.test("TokenBucket.take() takes no token when it refuses", () => {
  const bucket = new TokenBucket(1);
  const { fullAt } = bucket.take(0, 1000);
  const refused = bucket.take(fullAt, 1400);
  assertEquals(refused.fullAt, fullAt);
  assertAlmostEquals(refused.wait, 600);
});
