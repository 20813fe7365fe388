import { assert, assertEquals } from "@std/assert";
import {
  type InterfaceAddress,
  ipv4Addresses,
} from "../../../lib/process/ipv4_addresses.ts";
import { permitted } from "../../permissions.ts";

const INTERFACES: readonly InterfaceAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv4", address: "127.1.2.3" },
  { family: "IPv4", address: "192.0.2.2" },
  { family: "IPv6", address: "::1" },
  { family: "IPv6", address: "fe80::1" },
  { family: "IPv4", address: "172.17.0.1" },
  { family: "IPv4", address: "192.0.2.2" },
];

for (
  const [host, expected] of [
    ["::", ["192.0.2.2", "172.17.0.1"]],
    ["0.0.0.0", ["192.0.2.2", "172.17.0.1"]],
    ["172.17.0.1", ["172.17.0.1"]],
    ["127.0.0.1", []],
    ["::1", []],
    ["localhost", []],
    ["fe80::1", []],
  ] as const
) {
  Deno.test(`ipv4Addresses() of ${host} are ${expected.join(", ") || "none"}`, () => {
    assertEquals(ipv4Addresses(host, INTERFACES), [...expected]);
  });
}

Deno.test({
  name: "ipv4Addresses() are empty without permission",
  permissions: { sys: false },
  fn: () => assertEquals(ipv4Addresses("0.0.0.0"), []),
});

Deno.test({
  name: "ipv4Addresses() are addresses of this machine",
  ignore: !permitted({ name: "sys", kind: "networkInterfaces" }),
  fn() {
    const addresses = ipv4Addresses("0.0.0.0");
    const own = Deno.networkInterfaces().map(({ address }) => address);
    for (const address of addresses) assert(own.includes(address), address);
  },
});
