import { assertEquals } from "@std/assert";
import { toLatin1 } from "../../../lib/protocol/latin1.ts";

Deno.test("toLatin1() makes a byte of each character", () =>
  assertEquals(toLatin1("aÿ\r\n"), Uint8Array.of(0x61, 0xff, 0x0d, 0x0a)));
