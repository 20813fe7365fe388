import { assert, assertEquals, assertFalse } from "@std/assert";
import { LocalAddressSlots } from "../../../../lib/limits/address/address_slots.ts";

Deno.test("LocalAddressSlots.take() takes slots up to the limit of each address", () => {
  const count = new LocalAddressSlots(2);
  assert(count.take("a"));
  assert(count.take("a"));
  assertFalse(count.take("a"));
  assert(count.take("b"));
});

Deno.test("LocalAddressSlots.release() frees a slot", () => {
  const count = new LocalAddressSlots(1);
  count.take("a");
  count.release("a");
  assert(count.take("a"));
  assertFalse(count.take("a"));
});

Deno.test("LocalAddressSlots.take() counts nothing when it refuses", () => {
  const count = new LocalAddressSlots(1);
  count.take("a");
  count.take("a");
  count.release("a");
  assertEquals(count.size, 0);
});

Deno.test("LocalAddressSlots keeps no memory for a million disconnected addresses", () => {
  const count = new LocalAddressSlots(256);
  for (let i = 0; i < 1_000_000; i++) {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    count.take(address);
    count.release(address);
  }
  assertEquals(count.size, 0);
});
