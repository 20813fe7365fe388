import { assertEquals, assertMatch } from "@std/assert";
import { AddressLimiter } from "../../../../lib/limits/address/address_limiter.ts";
import { AddressRate } from "../../../../lib/limits/address/address_rate.ts";
import { LocalAddressSlots } from "../../../../lib/limits/address/address_slots.ts";
import { addressLimiterOf } from "../../../../lib/server/address_limits.ts";
import { LogCapture } from "../../../handlers/fakes.ts";

const CLIENT: Deno.Addr = { transport: "tcp", hostname: "192.0.2.1", port: 9 };

/** The verdict without its message. */
function outcome(verdict: ReturnType<AddressLimiter["admit"]>) {
  if (verdict.admitted) return "admitted";
  const { limit, error: { status, headers, message } } = verdict;
  assertMatch(message, /\w+ \w+/);
  return { limit, status, retryAfter: headers?.["retry-after"] };
}

Deno.test("AddressLimiter.admit() admits every connection when nothing is limited", () => {
  const addressLimiter = new AddressLimiter({ trustedProxies: 0 });
  for (let i = 0; i < 1000; i++) {
    assertEquals(outcome(addressLimiter.admit(CLIENT, null)), "admitted");
  }
});

Deno.test("AddressLimiter.admit() refuses with 429 when an address has no free slot", () => {
  const addressLimiter = new AddressLimiter({
    slots: new LocalAddressSlots(1),
    trustedProxies: 0,
  });
  const first = addressLimiter.admit(CLIENT, null);
  assertEquals(outcome(addressLimiter.admit(CLIENT, null)), {
    limit: "MAX_CONNECTIONS_PER_IP",
    status: 429,
    retryAfter: "5",
  });
  const other: Deno.Addr = { ...CLIENT, hostname: "192.0.2.2" };
  assertEquals(outcome(addressLimiter.admit(other, null)), "admitted");
  if (first.admitted) first.release();
  assertEquals(outcome(addressLimiter.admit(CLIENT, null)), "admitted");
});

Deno.test("AddressLimiter.admit() refuses with 429 and Retry-After above the rate", () => {
  let now = 1000;
  const rate = new AddressRate(2, () => now);
  const addressLimiter = new AddressLimiter({ rate, trustedProxies: 0 });
  addressLimiter.admit(CLIENT, null);
  addressLimiter.admit(CLIENT, null);
  const refusal = { limit: "HANDSHAKE_RATE", status: 429, retryAfter: "1" };
  assertEquals(outcome(addressLimiter.admit(CLIENT, null)), refusal);
  now += 500;
  assertEquals(outcome(addressLimiter.admit(CLIENT, null)), "admitted");
});

Deno.test("AddressLimiter.admit() takes no slot for a handshake above the rate", () => {
  const slots = new LocalAddressSlots(10);
  const rate = new AddressRate(1, () => 0);
  const addressLimiter = new AddressLimiter({
    slots,
    rate,
    trustedProxies: 0,
  });
  const first = addressLimiter.admit(CLIENT, null);
  addressLimiter.admit(CLIENT, null);
  if (first.admitted) first.release();
  assertEquals(slots.size, 0);
});

Deno.test("AddressLimiter.admit() counts the client behind a proxy, not the proxy", () => {
  const addressLimiter = new AddressLimiter({
    slots: new LocalAddressSlots(1),
    trustedProxies: 1,
  });
  assertEquals(addressLimiter.needsHead, true);
  const admit = (forwardedFor: string) =>
    addressLimiter.admit(CLIENT, forwardedFor).admitted;
  assertEquals(admit("203.0.113.7"), true);
  assertEquals(admit("203.0.113.8"), true);
  assertEquals(admit("198.51.100.1, 203.0.113.7"), false);
});

Deno.test("AddressLimiter.admit() warns once of an unconfigured proxy", () => {
  using log = new LogCapture("INFO");
  const addressLimiter = new AddressLimiter({
    slots: new LocalAddressSlots(9),
    trustedProxies: 0,
  });
  addressLimiter.admit(CLIENT, null);
  assertEquals(log.lines, []);
  addressLimiter.admit(CLIENT, "203.0.113.7");
  addressLimiter.admit(CLIENT, "203.0.113.8");
  assertEquals(log.lines.length, 1);
  assertMatch(log.lines[0], /^WARN httpd: .*X-Forwarded-For.*TRUST_PROXY/);
});

Deno.test("addressLimiterOf() applies the configured limits", () => {
  const off = { maxConnectionsPerIp: 0, handshakeRate: 0, trustProxy: 0 };
  const admitted = (addressLimiter: AddressLimiter, times: number) =>
    Array.from(
      { length: times },
      () => addressLimiter.admit(CLIENT, null).admitted,
    )
      .filter(Boolean).length;
  assertEquals(admitted(addressLimiterOf(off), 5000), 5000);
  assertEquals(
    admitted(addressLimiterOf({ ...off, maxConnectionsPerIp: 7 }), 50),
    7,
  );
  assertEquals(admitted(addressLimiterOf({ ...off, handshakeRate: 3 }), 50), 3);
});
