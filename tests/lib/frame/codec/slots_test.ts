import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import {
  allocate,
  ARENA,
  MIN_SLOT,
  type Slot,
  Slots,
} from "../../../../lib/frame/codec/slots.ts";

const MEBIBYTE = 2 ** 20;

function overlap(a: Slot, b: Slot): boolean {
  return a.memory === b.memory && a.offset < b.offset + b.size &&
    b.offset < a.offset + a.size;
}

Deno.test("ARENA is one memory, seen as bytes and as words", () => {
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

for (
  const [atLeast, size] of [
    [0, MIN_SLOT],
    [1, MIN_SLOT],
    [MIN_SLOT, MIN_SLOT],
    [MIN_SLOT + 1, 2 * MIN_SLOT],
    [65_536, 65_536],
    [65_537, 131_072],
    [4 * MEBIBYTE, 4 * MEBIBYTE],
  ]
) {
  Deno.test(`Slots.take() gives ${size} bytes of the arena where ${atLeast} are asked for`, () => {
    const slot = new Slots().take(atLeast!);
    assertEquals(slot.size, size);
    assert(slot.memory === ARENA);
    assertEquals(slot.view.byteOffset, slot.offset);
    assertEquals(slot.view.length, slot.size);
    assert(slot.view.buffer === ARENA.bytes.buffer);
  });
}

Deno.test("Slots.take() gives more than 4 MiB as memory of its own", () => {
  const slot = new Slots().take(4 * MEBIBYTE + 1);
  assertNotStrictEquals(slot.memory, ARENA);
  assertEquals(slot.offset, 0);
  assert(slot.size >= 4 * MEBIBYTE + 1);
  assert(slot.view.length >= slot.size);
  assert(slot.view.buffer === slot.memory.bytes.buffer);
});

Deno.test("Slots.take() lends no byte twice", () => {
  const slots = new Slots();
  const lent: Slot[] = [];
  for (let i = 0; i < 100; i++) {
    const slot = slots.take(MIN_SLOT << (i % 6));
    assert(lent.every((other) => !overlap(other, slot)));
    lent.push(slot);
    if (i % 3 === 2) slots.give(lent.splice(i % lent.length, 1)[0]!);
  }
});

Deno.test("Slots.take() gives a slot again that was given back, to who wants its size", () => {
  const slots = new Slots();
  const slot = slots.take(1024);
  assertNotStrictEquals(slots.take(1024), slot);
  slots.give(slot);
  assertNotStrictEquals(slots.take(512), slot);
  assertNotStrictEquals(slots.take(2048), slot);
  assert(slots.take(600) === slot);
  assertNotStrictEquals(slots.take(1024), slot);
});

Deno.test("Slots.take() gives memory of its own when the arena is lent", () => {
  const slots = new Slots(4 * MIN_SLOT);
  const lent = [1, 2, 1].map((times) => slots.take(times * MIN_SLOT));
  assert(lent.every(({ memory }) => memory === ARENA));
  const own = slots.take(MIN_SLOT);
  assertNotStrictEquals(own.memory, ARENA);
  assertEquals([own.offset, own.size], [0, MIN_SLOT]);
});

Deno.test("Slots.take() gives small slots where the arena has no room for a large one", () => {
  const slots = new Slots(2 * MIN_SLOT);
  slots.take(MIN_SLOT);
  assertNotStrictEquals(slots.take(2 * MIN_SLOT).memory, ARENA);
  assert(slots.take(MIN_SLOT).memory === ARENA);
});

Deno.test("Slots.give() leaves memory of its own to the garbage collector", () => {
  const slots = new Slots(0);
  const own = slots.take(MIN_SLOT);
  slots.give(own);
  assertNotStrictEquals(slots.take(MIN_SLOT), own);
});

Deno.test("Slots.take() goes on with what was given back when the arena is lent", () => {
  const slots = new Slots(MIN_SLOT);
  const slot = slots.take(MIN_SLOT);
  slots.give(slot);
  assert(slots.take(MIN_SLOT) === slot);
});
