import { assertEquals } from "@std/assert";
import { addressKey } from "../../../../lib/limits/address/address_key.ts";

const KEYS: readonly [what: string, text: string, key: string][] = [
  ["an IPv4 address", "203.0.113.7", "203.0.113.7"],
  ["the smallest and the largest part", "0.0.255.255", "0.0.255.255"],
  ["an IPv4 address with a port", "203.0.113.7:49152", "203.0.113.7"],
  ["an IPv4 address as IPv6", "::ffff:203.0.113.7", "203.0.113.7"],
  ["the same in hexadecimal", "::FFFF:cb00:7107", "203.0.113.7"],
  ["the same in full", "0:0:0:0:0:ffff:cb00:7107", "203.0.113.7"],
  ["an IPv6 address", "2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
  ["a host of the same /64", "2001:db8:0:1::9", "2001:db8:0:1::/64"],
  ["zeros at the front", "2001:0DB8::1:2:3:4:5", "2001:db8:0:1::/64"],
  ["zeros inside the /64", "2001:db8::1", "2001:db8:0:0::/64"],
  ["an IPv6 address with a port", "[2001:db8::1]:443", "2001:db8:0:0::/64"],
  ["an IPv6 address in brackets", "[2001:db8::1]", "2001:db8:0:0::/64"],
  ["a zone", "fe80::1%eth0", "fe80:0:0:0::/64"],
  ["a zone in brackets", "[fe80::1%25eth0]:80", "fe80:0:0:0::/64"],
  ["the loopback address", "::1", "0:0:0:0::/64"],
  ["the unspecified address", "::", "0:0:0:0::/64"],
];

for (const [what, text, key] of KEYS) {
  Deno.test(`addressKey() reads ${what}: ${text}`, () => {
    assertEquals(addressKey(text), key);
  });
}

for (
  const text of [
    "",
    "unknown",
    "_hidden",
    "example.com",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.07",
    "0xcb.0.113.7",
    "3405803783",
    "203.0.113.7:",
    "203.0.113.7:123456",
    "203.0.113.7, 203.0.113.8",
    " 203.0.113.7",
    "2001:db8::1::2",
    "2001:db8",
    "1:2:3:4:5:6:7:8:9",
    "12345::1",
    "[2001:db8::1",
    "2001:db8::1]",
    "[2001:db8::1]443",
    "::ffff:203.0.113.256",
    "2001:db8::1@example.com",
    "[]",
    "%",
    "1".repeat(200),
    `::1%${"z".repeat(5000)}`,
  ]
) {
  Deno.test(`addressKey() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assertEquals(addressKey(text), undefined);
  });
}
