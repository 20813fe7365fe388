import { assert, assertEquals } from "@std/assert";
import { LocalAddressSlots } from "../../../../lib/limits/address/address_slots.ts";
import { SharedAddressSlots } from "../../../../lib/limits/address/shared_address_slots.ts";

Deno.test("SharedAddressSlots.take() takes slots up to the limit of each address", () => {
  const count = new SharedAddressSlots(2, SharedAddressSlots.memory());
  const takes = ["a", "a", "a", "b"].map((address) => count.take(address));
  assertEquals(takes, [true, true, false, true]);
  assertEquals(count.size, 2);
  count.release("a");
  assertEquals([count.take("a"), count.take("a")], [true, false]);
});

Deno.test("SharedAddressSlots count together when they share memory", () => {
  const memory = SharedAddressSlots.memory();
  const one = new SharedAddressSlots(2, memory);
  const other = new SharedAddressSlots(2, memory);
  assertEquals([one.take("a"), other.take("a"), one.take("a")], [
    true,
    true,
    false,
  ]);
  one.release("a");
  other.release("a");
  assertEquals([one.size, other.size], [0, 0]);
});

Deno.test("SharedAddressSlots.release() changes nothing for an address without a slot", () => {
  const count = new SharedAddressSlots(1, SharedAddressSlots.memory());
  count.release("a");
  assertEquals([count.take("a"), count.take("a"), count.size], [
    true,
    false,
    1,
  ]);
});

Deno.test("SharedAddressSlots equals LocalAddressSlots under random takes and releases", () => {
  const shared = new SharedAddressSlots(3, SharedAddressSlots.memory());
  const local = new LocalAddressSlots(3);
  let state = 1;
  const random = (limit: number) => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return (state >>> 8) % limit;
  };
  const held: string[] = [];
  // So many addresses that rows collide and gaps are closed.
  for (let i = 0; i < 300_000; i++) {
    if (random(5) < 3 || held.length === 0) {
      const address = `10.${random(4)}.${random(256)}.${random(128)}`;
      const taken = local.take(address);
      assert(shared.take(address) === taken, `${i}: ${address}`);
      if (taken) held.push(address);
    } else {
      const index = random(held.length);
      const address = held[index]!;
      held[index] = held.at(-1)!;
      held.pop();
      local.release(address);
      shared.release(address);
    }
  }
  assertEquals(shared.size, local.size);
  assert(shared.size > 20_000, `${shared.size} addresses`);
  for (const address of held) shared.release(address);
  assertEquals(shared.size, 0);
});

Deno.test("SharedAddressSlots.take() refuses a new address when the table is full", () => {
  const count = new SharedAddressSlots(9, SharedAddressSlots.memory());
  let taken = 0;
  while (count.take(`address ${taken}`)) taken++;
  assertEquals(taken, count.size);
  assert(taken > 90_000, `${taken} addresses`);
  assertEquals(count.take("address 0"), true);
  count.release("address 1");
  assertEquals(count.take("another"), true);
});
