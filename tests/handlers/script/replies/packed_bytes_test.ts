import { assertEquals } from "@std/assert";
import { PackedBytes } from "../../../../handlers/script/replies/packed_bytes.ts";

for (const length of [0, 1, 256, 4096, 4097]) {
  Deno.test(`PackedBytes keeps a copy of ${length} bytes`, () => {
    const memory = Uint8Array.from({ length: length + 2 }, (_, i) => i);
    const bytes = memory.subarray(1, length + 1);
    const hex = bytes.toHex();
    const packed = new PackedBytes(bytes);
    memory.fill(0);
    assertEquals(packed.unpack().toHex(), hex);
  });
}
