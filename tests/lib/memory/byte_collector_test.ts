import { assertEquals } from "@std/assert";
import { ByteCollector } from "../../../lib/memory/byte_collector.ts";

/** Bytes that differ from their neighbours. */
function pattern(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 167) >> 3);
}

Deno.test("ByteCollector.take() returns no bytes at first", () => {
  const collector = new ByteCollector();
  assertEquals(collector.length, 0);
  assertEquals(collector.take(), new Uint8Array(0));
});

for (
  const sizes of [
    [0],
    [1],
    [0, 1, 0],
    [255, 1],
    [256, 1],
    [257],
    [1, 255, 1, 255, 1],
    [100_000, 1],
    [1, 100_000],
    Array<number>(1000).fill(7),
    Array.from({ length: 200 }, (_, index) => index),
  ]
) {
  const total = sizes.reduce((sum, size) => sum + size);
  Deno.test(`ByteCollector.take() returns ${total} bytes of ${sizes.length} chunks`, () => {
    const collector = new ByteCollector();
    let end = 0;
    for (const size of sizes) {
      collector.append(pattern(size, end));
      end += size;
      assertEquals(collector.length, end);
    }
    assertEquals(collector.take(), pattern(total));
  });
}

Deno.test("ByteCollector.append() copies its chunk", () => {
  const collector = new ByteCollector();
  const chunk = pattern(10);
  collector.append(chunk);
  chunk.fill(0);
  assertEquals(collector.take(), pattern(10));
});

Deno.test("ByteCollector.append() accepts a view of a larger buffer", () => {
  const collector = new ByteCollector();
  collector.append(pattern(100).subarray(40, 60));
  assertEquals(collector.take(), pattern(20, 40));
});

Deno.test("ByteCollector.append() starts empty after take()", () => {
  const collector = new ByteCollector();
  collector.append(pattern(10));
  collector.take();
  assertEquals(collector.length, 0);
  assertEquals(collector.take(), new Uint8Array(0));
});

Deno.test("ByteCollector.take() returns bytes that later chunks do not change", () => {
  const collector = new ByteCollector();
  collector.append(pattern(10));
  const taken = collector.take();
  collector.append(new Uint8Array(10).fill(0xff));
  assertEquals(taken, pattern(10));
});

Deno.test("ByteCollector.clear() drops all bytes", () => {
  const collector = new ByteCollector();
  collector.append(pattern(10));
  collector.clear();
  assertEquals(collector.length, 0);
  collector.append(pattern(3, 50));
  assertEquals(collector.take(), pattern(3, 50));
});
