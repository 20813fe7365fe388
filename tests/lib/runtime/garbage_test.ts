import { assertEquals, assertLess } from "@std/assert";
import { collectGarbage } from "../../../lib/runtime/garbage.ts";

const MIB = 2 ** 20;

/** Makes a text of 16 MiB that is garbage, and returns when nothing on the stack refers to it. */
async function makeGarbage(): Promise<void> {
  new TextDecoder().decode(new Uint8Array(16 * MIB).fill(65));
  await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function heapUsed(): number {
  return Deno.memoryUsage().heapUsed;
}

/** As many calls as after memory was tight. */
async function collect(): Promise<void> {
  for (let step = 0; step < 8; step++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("collectGarbage() collects all garbage in eight calls", async () => {
  await collect();
  const before = heapUsed();
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) await makeGarbage();
    await collect();
    assertLess(heapUsed(), before + 8 * MIB);
  }
});

// When this fails, garbage.ts can be removed.
Deno.test("runtime still has no call that collects garbage, and keeps it while idle", async () => {
  assertEquals("gc" in globalThis, false);
  const before = heapUsed();
  await makeGarbage();
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  assertLess(before + 8 * MIB, heapUsed());
});
