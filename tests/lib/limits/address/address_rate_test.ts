import { assert, assertEquals } from "@std/assert";
import { AddressRate } from "../../../../lib/limits/address/address_rate.ts";

/** Makes a rate whose clock the test moves. */
function rateOf(perSecond: number) {
  const clock = { now: 1_000_000 };
  return { clock, rate: new AddressRate(perSecond, () => clock.now) };
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

Deno.test("AddressRate.take() returns 0 for the tokens of a second, then the time to wait", () => {
  const { rate, clock } = rateOf(2);
  assertEquals([rate.take("a"), rate.take("a"), rate.take("a")], [0, 0, 500]);
  clock.now += 500;
  assertEquals([rate.take("a"), rate.take("a")], [0, 500]);
});

Deno.test("AddressRate.take() uses a bucket for each address", () => {
  const { rate } = rateOf(1);
  assertEquals([rate.take("a"), rate.take("b")], [0, 0]);
  assertEquals([rate.take("a"), rate.take("b")], [1000, 1000]);
});

Deno.test("AddressRate.size does not count buckets that are full again", () => {
  const { rate, clock } = rateOf(10);
  for (let i = 0; i < 1000; i++) rate.take(addressOf(i));
  assertEquals(rate.size, 1000);
  clock.now += 1000;
  assertEquals(rate.size, 0);
});

Deno.test("AddressRate.take() takes no token when it refuses", () => {
  const { rate, clock } = rateOf(1);
  rate.take("a");
  for (let i = 0; i < 10; i++) {
    clock.now += 90;
    assert(rate.take("a") > 0);
  }
  clock.now += 100;
  assertEquals(rate.take("a"), 0);
});

Deno.test("AddressRate.take() does not confuse addresses", () => {
  const { rate } = rateOf(1);
  const refused = Array.from({ length: 10_000 }, (_, i) => addressOf(i))
    .filter((address) => rate.take(address) > 0);
  assertEquals(refused, []);
});

Deno.test("AddressRate takes under 1 MiB for a million addresses", () => {
  const { rate, clock } = rateOf(10);
  const { byteLength } = rate;
  assert(byteLength < 2 ** 20, `${byteLength} bytes`);
  for (let i = 0; i < 1_000_000; i++) {
    clock.now += 0.0001;
    rate.take(addressOf(i));
  }
  assertEquals(rate.byteLength, byteLength);
  assert(rate.size <= 65_536, `${rate.size} addresses`);
});

Deno.test("AddressRate.take() limits an address while a million other addresses connect", () => {
  const { rate, clock } = rateOf(10);
  let admitted = 0;
  for (let i = 0; i < 1_000_000; i++) {
    clock.now += 0.01;
    rate.take(addressOf(i));
    if (i % 10 === 0 && rate.take("a") === 0) admitted++;
  }
  // The clock moves by ten seconds: ten tokens at once, and ten per second.
  assert(admitted <= 120, `${admitted} admitted`);
});

Deno.test("AddressRate.peek() takes no token", () => {
  const rate = new AddressRate(1, () => 1e6);
  for (let i = 0; i < 10; i++) assertEquals(rate.peek("a"), 0);
  assertEquals(rate.size, 0);
  assertEquals(rate.take("a"), 0);
  assert(rate.peek("a") > 0);
  assertEquals(rate.peek("b"), 0);
});
