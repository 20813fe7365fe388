import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { rotateKey, unmask, unmaskPlain } from "../../lib/frame/codec/mask.ts";
import { allocate, ARENA } from "../../lib/frame/codec/memory.ts";
import { key, payload } from "./arbitraries.ts";
import { check } from "./check.ts";
import { buffer, plain } from "./decoding.ts";

Deno.test("unmask() in the arena equals unmaskPlain(), for every length, alignment and distance", () => {
  const base = buffer.offset;
  const room = 400;
  const source = crypto.getRandomValues(new Uint8Array(room));
  const own = allocate(room);
  for (let length = 0; length <= 300; length++) {
    for (let alignment = 0; alignment < 16; alignment++) {
      const from = 40 + alignment;
      const mask = (length * 0x9e3779b1) ^ (alignment * 0x85ebca6b);
      ARENA.bytes.set(source, base);
      own.bytes.set(source);
      for (let distance = 0; distance <= 20; distance++) {
        const target = from - distance;
        const inArena = unmask(ARENA, base + from, base + target, length, mask);
        const inPlain = unmaskPlain(own, from, target, length, mask);
        if (
          inArena !== inPlain ||
          !same(ARENA.bytes.subarray(base, base + room), own.bytes)
        ) {
          throw new Error(`length ${length}, ${from} to ${target}`);
        }
      }
    }
  }
});

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

Deno.test("unmask() and unmaskPlain() equal the definition, and change no other byte", () => {
  const ascii = fc.boolean();
  const input = fc.tuple(payload, key, fc.nat(20), fc.nat(40), ascii);
  check(
    10,
    fc.property(input, ([random, key, gap, distance, ascii]) => {
      const bytes = ascii ? random.map((byte) => byte & 127) : random;
      const expected = bytes.map((byte, i) => byte ^ key[i & 3]!);
      const isAscii = expected.every((byte) => byte < 128);
      const word = new DataView(key.buffer, key.byteOffset).getInt32(0, true);
      for (
        const [memory, base, run] of [
          [ARENA, buffer.offset, unmask],
          [plain, 0, unmask],
          [plain, 0, unmaskPlain],
        ] as const
      ) {
        const source = base + 40 + gap;
        const target = source - distance;
        const end = source + bytes.length;
        memory.bytes.fill(0xee, base, end + 40);
        memory.bytes.set(bytes, source);
        assertEquals(run(memory, source, target, bytes.length, word), isAscii);
        const result = memory.bytes.slice(target, target + bytes.length);
        assert(same(result, expected));
        assert(
          memory.bytes.subarray(base, target).every((byte) => byte === 0xee),
        );
        const behind = Math.max(target + bytes.length, end);
        assert(
          memory.bytes.subarray(behind, end + 40).every((byte) =>
            byte === 0xee
          ),
        );
      }
    }),
  );
});

Deno.test("rotateKey() continues where a payload was split", () => {
  check(
    2,
    fc.property(payload, key, fc.nat(), (payload, key, cut) => {
      const word = new DataView(key.buffer, key.byteOffset).getInt32(0, true);
      const at = cut % (payload.length + 1);
      plain.bytes.set(payload);
      unmaskPlain(plain, 0, 0, at, word);
      unmaskPlain(plain, at, at, payload.length - at, rotateKey(word, at));
      const expected = payload.map((byte, i) => byte ^ key[i & 3]!);
      assert(same(plain.bytes.subarray(0, payload.length), expected));
    }),
  );
});
