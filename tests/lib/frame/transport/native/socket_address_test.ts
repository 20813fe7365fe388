import { assertEquals } from "@std/assert";
import {
  ADDRESS_SIZE,
  encodeAddress,
  hostOf,
  hostText,
  portOf,
} from "../../../../../lib/frame/transport/native/socket_address.ts";

for (
  const [hostname, text = hostname] of [
    ["0.0.0.0"],
    ["127.0.0.1"],
    ["192.168.10.255"],
    ["255.255.255.255"],
    ["::"],
    ["::1"],
    ["2001:db8::1"],
    ["2001:db8:0:1::", "2001:db8:0:1::"],
    ["1:2:3:4:5:6:7:8"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
  ] as const
) {
  Deno.test(`encodeAddress() writes ${hostname}, which hostOf() reads`, () => {
    const bytes = encodeAddress(hostname, 65535);
    assertEquals(hostText(hostOf(bytes)), text);
    assertEquals(portOf(bytes), 65535);
  });
}

Deno.test("encodeAddress() writes a struct sockaddr_in", () => {
  assertEquals(
    [...encodeAddress("127.0.0.2", 0x1f41)],
    [2, 0, 0x1f, 0x41, 127, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0],
  );
});

Deno.test("encodeAddress() writes a struct sockaddr_in6", () => {
  const expected = new Uint8Array(ADDRESS_SIZE);
  expected.set([10, 0, 0x1f, 0x41]);
  expected.set([0x20, 0x01, 0x0d, 0xb8], 8);
  expected[23] = 1;
  assertEquals(encodeAddress("2001:db8::1", 0x1f41), expected);
});
