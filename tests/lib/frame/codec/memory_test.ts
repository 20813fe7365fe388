import { assertEquals, assertNotStrictEquals } from "@std/assert";
import { allocate, ARENA } from "../../../../lib/frame/codec/memory.ts";

const MEBIBYTE = 2 ** 20;

Deno.test("ARENA has bytes and words of one memory", () => {
  assertEquals(ARENA.bytes.length, 256 * MEBIBYTE);
  assertEquals(ARENA.words.length, 64 * MEBIBYTE);
  assertEquals(ARENA.bytes.buffer, ARENA.words.buffer);
});

for (const [size, bytes] of [[0, 0], [1, 4], [4, 4], [5, 8], [1027, 1028]]) {
  Deno.test(`allocate() gives ${size} bytes in whole words`, () => {
    const memory = allocate(size!);
    assertEquals(memory.bytes.length, bytes);
    assertEquals(memory.words.length, bytes! / 4);
    assertEquals(memory.bytes.buffer, memory.words.buffer);
    assertNotStrictEquals(memory.bytes.buffer, ARENA.bytes.buffer);
  });
}
