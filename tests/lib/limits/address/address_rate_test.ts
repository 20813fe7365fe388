import { assert, assertEquals } from "@std/assert";
import { AddressRate } from "../../../../lib/limits/address/address_rate.ts";

/** A rate whose clock stands still until it is moved. */
function rateOf(perSecond: number) {
  const clock = { now: 1_000_000 };
  return { clock, rate: new AddressRate(perSecond, () => clock.now) };
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

Deno.test("AddressRate.wait() is 0 for a second's worth, then the time to wait", () => {
  const { rate, clock } = rateOf(2);
  assertEquals([rate.wait("a"), rate.wait("a"), rate.wait("a")], [0, 0, 500]);
  clock.now += 500;
  assertEquals([rate.wait("a"), rate.wait("a")], [0, 500]);
});

Deno.test("AddressRate.wait() has a bucket for each address", () => {
  const { rate } = rateOf(1);
  assertEquals([rate.wait("a"), rate.wait("b")], [0, 0]);
  assertEquals([rate.wait("a"), rate.wait("b")], [1000, 1000]);
});

Deno.test("AddressRate forgets addresses whose bucket is full again", () => {
  const { rate, clock } = rateOf(10);
  for (let i = 0; i < 1000; i++) rate.wait(addressOf(i));
  assertEquals(rate.size, 1000);
  clock.now += 1000;
  assertEquals(rate.size, 0);
});

Deno.test("AddressRate remembers whom it refused", () => {
  const { rate, clock } = rateOf(1);
  rate.wait("a");
  for (let i = 0; i < 10; i++) {
    clock.now += 90;
    assert(rate.wait("a") > 0);
  }
  clock.now += 100;
  assertEquals(rate.wait("a"), 0);
});

Deno.test("AddressRate takes an address for no other", () => {
  const { rate } = rateOf(1);
  const refused = Array.from({ length: 10_000 }, (_, i) => addressOf(i))
    .filter((address) => rate.wait(address) > 0);
  assertEquals(refused, []);
});

Deno.test("AddressRate costs the same for a million addresses as for none", () => {
  const { rate, clock } = rateOf(10);
  const { byteLength } = rate;
  assert(byteLength < 2 ** 20, `${byteLength} bytes`);
  for (let i = 0; i < 1_000_000; i++) {
    clock.now += 0.0001;
    rate.wait(addressOf(i));
  }
  assertEquals(rate.byteLength, byteLength);
  assert(rate.size <= 65_536, `${rate.size} addresses`);
});

Deno.test("AddressRate limits an address while a million others come", () => {
  const { rate, clock } = rateOf(10);
  let admitted = 0;
  for (let i = 0; i < 1_000_000; i++) {
    clock.now += 0.01;
    rate.wait(addressOf(i));
    if (i % 10 === 0 && rate.wait("a") === 0) admitted++;
  }
  // Ten seconds: ten at once, and ten a second.
  assert(admitted <= 120, `${admitted} admitted`);
});
