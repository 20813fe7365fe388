import { assert, assertEquals, assertFalse } from "@std/assert";
import { LocalAddressSlots } from "../../../../lib/limits/address/address_slots.ts";

Deno.test("LocalAddressSlots.take() gives an address its places and no more", () => {
  const count = new LocalAddressSlots(2);
  assert(count.take("a"));
  assert(count.take("a"));
  assertFalse(count.take("a"));
  assert(count.take("b"));
});

Deno.test("LocalAddressSlots.give() frees a place", () => {
  const count = new LocalAddressSlots(1);
  count.take("a");
  count.give("a");
  assert(count.take("a"));
  assertFalse(count.take("a"));
});

Deno.test("LocalAddressSlots.take() takes nothing where it refuses", () => {
  const count = new LocalAddressSlots(1);
  count.take("a");
  count.take("a");
  count.give("a");
  assertEquals(count.size, 0);
});

Deno.test("LocalAddressSlots keeps nothing of a million addresses that left", () => {
  const count = new LocalAddressSlots(256);
  for (let i = 0; i < 1_000_000; i++) {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    count.take(address);
    count.give(address);
  }
  assertEquals(count.size, 0);
});
