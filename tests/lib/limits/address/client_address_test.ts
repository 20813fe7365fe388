import { assertEquals } from "@std/assert";
import { clientAddress } from "../../../../lib/limits/address/client_address.ts";

const PROXY: Deno.Addr = { transport: "tcp", hostname: "10.0.0.1", port: 9 };

type Case = readonly [
  what: string,
  hops: number,
  forwardedFor: string | null,
  address: string,
];

const CASES: readonly Case[] = [
  [
    "no proxy: the remote address, whatever the field",
    0,
    "203.0.113.7",
    "10.0.0.1",
  ],
  ["no proxy and no field: the remote address", 0, null, "10.0.0.1"],
  ["one proxy: the last element", 1, "203.0.113.7", "203.0.113.7"],
  [
    "one proxy: not the elements of the client",
    1,
    "1.1.1.1, 203.0.113.7",
    "203.0.113.7",
  ],
  ["one proxy and no field: the proxy", 1, null, "10.0.0.1"],
  ["one proxy and an empty field: the proxy", 1, "", "10.0.0.1"],
  [
    "one proxy and an element that is not an address: the proxy",
    1,
    "203.0.113.7, unknown",
    "10.0.0.1",
  ],
  ["one proxy and an empty element: the proxy", 1, "203.0.113.7, ", "10.0.0.1"],
  ["one proxy that writes ports", 1, "203.0.113.7:5000", "203.0.113.7"],
  ["one proxy, IPv6", 1, "[2001:db8::1]:5000", "2001:db8:0:0::/64"],
  ["no space between", 1, "1.1.1.1,203.0.113.7", "203.0.113.7"],
  [
    "two proxies: the last but one",
    2,
    "1.1.1.1, 203.0.113.7, 10.0.0.2",
    "203.0.113.7",
  ],
  [
    "two proxies and one element: that element",
    2,
    "203.0.113.7",
    "203.0.113.7",
  ],
  [
    "two proxies and no address before the second: the second",
    2,
    "x, 10.0.0.2",
    "10.0.0.2",
  ],
  ["more proxies than elements", 16, "203.0.113.7, 10.0.0.2", "203.0.113.7"],
];

for (const [what, hops, forwardedFor, address] of CASES) {
  Deno.test(`clientAddress() with ${what}`, () => {
    assertEquals(clientAddress(PROXY, forwardedFor, hops), address);
  });
}

Deno.test("clientAddress() returns the IPv4 address of a client of a dual-stack socket", () => {
  const client = { ...PROXY, hostname: "::ffff:203.0.113.7" } as Deno.Addr;
  assertEquals(clientAddress(client, null, 0), "203.0.113.7");
});

Deno.test("clientAddress() returns the same name for all clients without an IP address", () => {
  const client: Deno.Addr = { transport: "unix", path: "/run/socket" };
  assertEquals(clientAddress(client, null, 0), "unknown");
  assertEquals(clientAddress(client, "203.0.113.7", 1), "203.0.113.7");
});

Deno.test("clientAddress() reads only the trusted part of a long list", () => {
  const list = `${"x,".repeat(8000)}203.0.113.7`;
  assertEquals(clientAddress(PROXY, list, 1), "203.0.113.7");
});
