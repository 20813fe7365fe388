import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FIN, headerSize, writeHeader } from "../../lib/frame/codec/header.ts";
import { OPCODE, readServerHeader } from "../conformance/wire.ts";
import { BOUNDARIES } from "./arbitraries.ts";
import { check } from "./check.ts";

for (
  const length of [
    ...BOUNDARIES,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 53 - 1,
  ]
) {
  Deno.test(`writeHeader() writes ${length} in its shortest form`, () => {
    const bytes = new Uint8Array(20).fill(0xee);
    const end = writeHeader(bytes, 3, FIN | OPCODE.binary, length);
    assertEquals(end, 3 + headerSize(length));
    assertEquals(readServerHeader(bytes.subarray(3, end)), {
      opcode: OPCODE.binary,
      final: true,
      length,
      size: headerSize(length),
    });
    assertEquals([bytes[2], bytes[end]], [0xee, 0xee]);
  });
}

Deno.test("writeHeader() round trips any length", () => {
  const length = fc.oneof(fc.maxSafeNat(), fc.nat(200), fc.nat(70_000));
  check(
    4,
    fc.property(length, fc.nat(5), (length, at) => {
      const bytes = new Uint8Array(20);
      const end = writeHeader(bytes, at, OPCODE.text, length);
      const header = readServerHeader(bytes.subarray(at, end));
      assertEquals([header?.length, header?.size], [length, end - at]);
    }),
  );
});
