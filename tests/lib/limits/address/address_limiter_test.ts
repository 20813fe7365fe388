import { assertEquals, assertMatch } from "@std/assert";
import { LocalAddressSlots } from "../../../../lib/limits/address/address_slots.ts";
import { AddressLimiter } from "../../../../lib/limits/address/address_limiter.ts";
import { addressLimiterOf } from "../../../../lib/server/address_limits.ts";
import { AddressRate } from "../../../../lib/limits/address/address_rate.ts";
import { LogCapture } from "../../../handlers/fakes.ts";

const PEER: Deno.Addr = { transport: "tcp", hostname: "192.0.2.1", port: 9 };

/** What a refusal says, without its text. */
function outcome(entry: ReturnType<AddressLimiter["enter"]>) {
  if (entry.admitted) return "admitted";
  const { limit, error: { status, headers, message } } = entry;
  assertMatch(message, /\w+ \w+/);
  return { limit, status, retryAfter: headers?.["retry-after"] };
}

Deno.test("AddressLimiter.enter() admits everybody where nothing is limited", () => {
  const addressLimiter = new AddressLimiter({ trustedProxies: 0 });
  for (let i = 0; i < 1000; i++) {
    assertEquals(outcome(addressLimiter.enter(PEER, null)), "admitted");
  }
});

Deno.test("AddressLimiter.enter() refuses with 429 what is over the places of an address", () => {
  const addressLimiter = new AddressLimiter({
    places: new LocalAddressSlots(1),
    trustedProxies: 0,
  });
  const first = addressLimiter.enter(PEER, null);
  assertEquals(outcome(addressLimiter.enter(PEER, null)), {
    limit: "MAX_CONNECTIONS_PER_IP",
    status: 429,
    retryAfter: "5",
  });
  const other: Deno.Addr = { ...PEER, hostname: "192.0.2.2" };
  assertEquals(outcome(addressLimiter.enter(other, null)), "admitted");
  if (first.admitted) first.leave();
  assertEquals(outcome(addressLimiter.enter(PEER, null)), "admitted");
});

Deno.test("AddressLimiter.enter() refuses with 429 what comes too quickly, and says for how long", () => {
  let now = 1000;
  const rate = new AddressRate(2, () => now);
  const addressLimiter = new AddressLimiter({ rate, trustedProxies: 0 });
  addressLimiter.enter(PEER, null);
  addressLimiter.enter(PEER, null);
  const refusal = { limit: "HANDSHAKE_RATE", status: 429, retryAfter: "1" };
  assertEquals(outcome(addressLimiter.enter(PEER, null)), refusal);
  now += 500;
  assertEquals(outcome(addressLimiter.enter(PEER, null)), "admitted");
});

Deno.test("AddressLimiter.enter() takes no place for a handshake that came too quickly", () => {
  const places = new LocalAddressSlots(10);
  const rate = new AddressRate(1, () => 0);
  const addressLimiter = new AddressLimiter({
    places,
    rate,
    trustedProxies: 0,
  });
  const first = addressLimiter.enter(PEER, null);
  addressLimiter.enter(PEER, null);
  if (first.admitted) first.leave();
  assertEquals(places.size, 0);
});

Deno.test("AddressLimiter.enter() counts the client behind a proxy, not the proxy", () => {
  const addressLimiter = new AddressLimiter({
    places: new LocalAddressSlots(1),
    trustedProxies: 1,
  });
  assertEquals(addressLimiter.needsHead, true);
  const knock = (forwardedFor: string) =>
    addressLimiter.enter(PEER, forwardedFor).admitted;
  assertEquals(knock("203.0.113.7"), true);
  assertEquals(knock("203.0.113.8"), true);
  assertEquals(knock("198.51.100.1, 203.0.113.7"), false);
});

Deno.test("AddressLimiter.enter() warns once of a proxy that it was not told of", () => {
  using log = new LogCapture("INFO");
  const addressLimiter = new AddressLimiter({
    places: new LocalAddressSlots(9),
    trustedProxies: 0,
  });
  addressLimiter.enter(PEER, null);
  assertEquals(log.lines, []);
  addressLimiter.enter(PEER, "203.0.113.7");
  addressLimiter.enter(PEER, "203.0.113.8");
  assertEquals(log.lines.length, 1);
  assertMatch(log.lines[0], /^WARN httpd: .*X-Forwarded-For.*TRUST_PROXY/);
});

Deno.test("addressLimiterOf() puts up what the configuration says", () => {
  const off = { connectionsPerAddress: 0, handshakeRate: 0, trustedProxies: 0 };
  const admitted = (addressLimiter: AddressLimiter, times: number) =>
    Array.from(
      { length: times },
      () => addressLimiter.enter(PEER, null).admitted,
    )
      .filter(Boolean).length;
  assertEquals(admitted(addressLimiterOf(off), 5000), 5000);
  assertEquals(
    admitted(addressLimiterOf({ ...off, connectionsPerAddress: 7 }), 50),
    7,
  );
  assertEquals(admitted(addressLimiterOf({ ...off, handshakeRate: 3 }), 50), 3);
});
