import { assertEquals } from "@std/assert";
import { addressText } from "../../lib/address_text.ts";

for (
  const [address, text] of [
    [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }, "127.0.0.1:80"],
    [{ transport: "tcp", hostname: "::1", port: 80 }, "[::1]:80"],
    [{ transport: "unix", path: "/run/a" }, "/run/a"],
  ] as const
) {
  Deno.test(`addressText() writes ${text}`, () => {
    assertEquals(addressText(address), text);
  });
}
