import { assertEquals } from "@std/assert";
import { defaultMemoryLimit } from "../../../lib/memory/default_limit.ts";

const MIB = 2 ** 20;

for (
  const [memory, limit] of [
    [undefined, 512 * MIB],
    [16 * 1024 * MIB, 512 * MIB],
    [1024 * MIB, 512 * MIB],
    [512 * MIB, 256 * MIB],
    [128 * MIB, 64 * MIB],
  ] as const
) {
  Deno.test(`defaultMemoryLimit() of ${memory} bytes is ${limit}`, () => {
    assertEquals(defaultMemoryLimit(memory), limit);
  });
}
