import { assert, assertEquals, assertFalse } from "@std/assert";
import { ConnectionCount } from "../../../../lib/limits/address/connection_count.ts";

Deno.test("ConnectionCount.take() gives an address its places and no more", () => {
  const count = new ConnectionCount(2);
  assert(count.take("a"));
  assert(count.take("a"));
  assertFalse(count.take("a"));
  assert(count.take("b"));
});

Deno.test("ConnectionCount.give() frees a place", () => {
  const count = new ConnectionCount(1);
  count.take("a");
  count.give("a");
  assert(count.take("a"));
  assertFalse(count.take("a"));
});

Deno.test("ConnectionCount.take() takes nothing where it refuses", () => {
  const count = new ConnectionCount(1);
  count.take("a");
  count.take("a");
  count.give("a");
  assertEquals(count.size, 0);
});

Deno.test("ConnectionCount keeps nothing of a million addresses that left", () => {
  const count = new ConnectionCount(256);
  for (let i = 0; i < 1_000_000; i++) {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    count.take(address);
    count.give(address);
  }
  assertEquals(count.size, 0);
});
