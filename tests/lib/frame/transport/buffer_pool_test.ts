import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { ARENA } from "../../../../lib/frame/codec/memory.ts";
import {
  BufferPool,
  MIN_BUFFER,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";

const MEBIBYTE = 2 ** 20;

function overlap(a: ReceiveBuffer, b: ReceiveBuffer): boolean {
  return a.memory === b.memory && a.offset < b.offset + b.size &&
    b.offset < a.offset + a.size;
}

for (
  const [atLeast, size] of [
    [0, MIN_BUFFER],
    [1, MIN_BUFFER],
    [MIN_BUFFER, MIN_BUFFER],
    [MIN_BUFFER + 1, 2 * MIN_BUFFER],
    [65_536, 65_536],
    [65_537, 131_072],
    [4 * MEBIBYTE, 4 * MEBIBYTE],
  ]
) {
  Deno.test(`BufferPool.take() lends ${size} bytes of the arena for ${atLeast}`, () => {
    const buffer = new BufferPool().take(atLeast!);
    assertEquals(buffer.size, size);
    assert(buffer.memory === ARENA);
    assertEquals(buffer.view.byteOffset, buffer.offset);
    assertEquals(buffer.view.length, buffer.size);
    assert(buffer.view.buffer === ARENA.bytes.buffer);
  });
}

Deno.test("BufferPool.take() allocates more than 4 MiB outside of the arena", () => {
  const buffer = new BufferPool().take(4 * MEBIBYTE + 1);
  assertNotStrictEquals(buffer.memory, ARENA);
  assertEquals(buffer.offset, 0);
  assert(buffer.size >= 4 * MEBIBYTE + 1);
  assert(buffer.view.length >= buffer.size);
  assert(buffer.view.buffer === buffer.memory.bytes.buffer);
});

Deno.test("BufferPool.take() lends no byte twice", () => {
  const pool = new BufferPool();
  const lent: ReceiveBuffer[] = [];
  for (let i = 0; i < 100; i++) {
    const buffer = pool.take(MIN_BUFFER << (i % 6));
    assert(lent.every((other) => !overlap(other, buffer)));
    lent.push(buffer);
    if (i % 3 === 2) pool.give(lent.splice(i % lent.length, 1)[0]!);
  }
});

Deno.test("BufferPool.take() lends a returned buffer again, for its size only", () => {
  const pool = new BufferPool();
  const buffer = pool.take(1024);
  assertNotStrictEquals(pool.take(1024), buffer);
  pool.give(buffer);
  assertNotStrictEquals(pool.take(512), buffer);
  assertNotStrictEquals(pool.take(2048), buffer);
  assert(pool.take(600) === buffer);
  assertNotStrictEquals(pool.take(1024), buffer);
});

Deno.test("BufferPool.take() allocates outside of the arena when it is used up", () => {
  const pool = new BufferPool(4 * MIN_BUFFER);
  const lent = [1, 2, 1].map((times) => pool.take(times * MIN_BUFFER));
  assert(lent.every(({ memory }) => memory === ARENA));
  const separate = pool.take(MIN_BUFFER);
  assertNotStrictEquals(separate.memory, ARENA);
  assertEquals([separate.offset, separate.size], [0, MIN_BUFFER]);
});

Deno.test("BufferPool.take() lends small buffers where the arena has no room for a large one", () => {
  const pool = new BufferPool(2 * MIN_BUFFER);
  pool.take(MIN_BUFFER);
  assertNotStrictEquals(pool.take(2 * MIN_BUFFER).memory, ARENA);
  assert(pool.take(MIN_BUFFER).memory === ARENA);
});

Deno.test("BufferPool.give() does not keep memory outside of the arena", () => {
  const pool = new BufferPool(0);
  const separate = pool.take(MIN_BUFFER);
  pool.give(separate);
  assertNotStrictEquals(pool.take(MIN_BUFFER), separate);
});

Deno.test("BufferPool.take() lends returned buffers when the arena is used up", () => {
  const pool = new BufferPool(MIN_BUFFER);
  const buffer = pool.take(MIN_BUFFER);
  pool.give(buffer);
  assert(pool.take(MIN_BUFFER) === buffer);
});
