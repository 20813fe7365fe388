import { assertEquals } from "@std/assert";
import {
  addressText,
  plainAddress,
} from "../../../lib/protocol/address_text.ts";

for (
  const [hostname, plain] of [
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:203.0.113.7", "203.0.113.7"],
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["::", "::"],
    ["::ffff:1", "::ffff:1"],
    ["2001:db8::ffff:127.0.0.1", "2001:db8::ffff:127.0.0.1"],
  ] as const
) {
  Deno.test(`plainAddress() of ${hostname} is ${plain}`, () => {
    const address = { transport: "tcp", hostname, port: 80 } as const;
    assertEquals(plainAddress(address), { ...address, hostname: plain });
  });
}

Deno.test("plainAddress() returns the path of a Unix socket unchanged", () => {
  const address = { transport: "unix", path: "::ffff:127.0.0.1" } as const;
  assertEquals(plainAddress(address), address);
});

for (
  const [address, text] of [
    [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }, "127.0.0.1:80"],
    [{ transport: "tcp", hostname: "::1", port: 80 }, "[::1]:80"],
    [{ transport: "unix", path: "/run/a" }, "/run/a"],
  ] as const
) {
  Deno.test(`addressText() returns ${text}`, () => {
    assertEquals(addressText(address), text);
  });
}
