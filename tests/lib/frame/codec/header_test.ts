import { assertEquals } from "@std/assert";
import {
  FIN,
  headerSize,
  MAX_HEADER,
  writeHeader,
} from "../../../../lib/frame/codec/header.ts";

/** Lengths at the limits of the three forms, and their headers. */
const HEADERS: readonly [number, string][] = [
  [0, "8100"],
  [1, "8101"],
  [124, "817c"],
  [125, "817d"],
  [126, "817e007e"],
  [127, "817e007f"],
  [255, "817e00ff"],
  [256, "817e0100"],
  [65_534, "817efffe"],
  [65_535, "817effff"],
  [65_536, "817f0000000000010000"],
  [65_537, "817f0000000000010001"],
  [2 ** 31 - 1, "817f000000007fffffff"],
  [2 ** 31, "817f0000000080000000"],
  [2 ** 32 - 1, "817f00000000ffffffff"],
  [2 ** 32, "817f0000000100000000"],
  [2 ** 53 - 1, "817f001fffffffffffff"],
];

for (const [length, header] of HEADERS) {
  Deno.test(`writeHeader() writes ${length} as in RFC 6455 §5.2`, () => {
    const bytes = new Uint8Array(20).fill(0xee);
    const end = writeHeader(bytes, 3, FIN | 1, length);
    assertEquals(bytes.subarray(3, end).toHex(), header);
    assertEquals(bytes.subarray(0, 3).toHex(), "eeeeee");
    assertEquals(bytes.subarray(end).every((byte) => byte === 0xee), true);
  });

  Deno.test(`headerSize() equals the length that writeHeader() writes for ${length}`, () => {
    assertEquals(headerSize(length), header.length / 2);
  });
}

Deno.test("writeHeader() writes FIN, RSV and opcode unchanged", () => {
  const bytes = new Uint8Array(2);
  for (let first = 0; first < 256; first++) {
    assertEquals(writeHeader(bytes, 0, first, 5), 2);
    assertEquals([...bytes], [first, 5]);
  }
});

Deno.test("MAX_HEADER is the longest header and a key", () => {
  assertEquals(MAX_HEADER, headerSize(2 ** 53 - 1) + 4);
});
