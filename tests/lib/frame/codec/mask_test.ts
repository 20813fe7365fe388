import { assert, assertEquals } from "@std/assert";
import {
  rotateKey,
  unmask,
  unmaskPlain,
} from "../../../../lib/frame/codec/mask.ts";
import {
  allocate,
  ARENA,
  type Memory,
} from "../../../../lib/frame/codec/memory.ts";
import { bufferPool } from "../../../../lib/frame/transport/buffer_pool.ts";
import { testWith } from "../../../permissions.ts";

const SIZE = 1024;
const buffer = bufferPool.take(SIZE);
const plain = allocate(SIZE);

/** 37 FA 21 3D of RFC 6455 §5.7, its first byte in the lowest bits. */
const KEY = 0x3d21fa37;

function keyBytes(key: number): number[] {
  return [0, 8, 16, 24].map((bits) => (key >>> bits) & 0xff);
}

/** Masks bytes with the key. */
function masked(payload: Uint8Array, key: number): Uint8Array {
  const bytes = keyBytes(key);
  return payload.map((byte, i) => byte ^ bytes[i & 3]!);
}

interface Place {
  readonly memory: Memory;
  readonly base: number;
}

const PLACES: Readonly<Record<string, Place>> = {
  "in the arena": { memory: ARENA, base: buffer.offset },
  "in other memory": { memory: plain, base: 0 },
};

for (const [where, { memory, base }] of Object.entries(PLACES)) {
  const area = memory.bytes.subarray(base, base + SIZE);

  Deno.test(`unmask() unmasks the example of RFC 6455 §5.7 ${where}`, () => {
    area.set(Uint8Array.fromHex("7f9f4d5158"), 10);
    assertEquals(unmask(memory, base + 10, base + 10, 5, KEY), true);
    assertEquals(new TextDecoder().decode(area.slice(10, 15)), "Hello");
  });

  Deno.test(`unmask() moves any length by any distance ${where}`, () => {
    for (let length = 0; length < 70; length++) {
      const payload = Uint8Array.from({ length }, (_, i) => (i * 37) & 0x7f);
      for (let source = 40; source < 48; source++) {
        for (let target = source - 20; target <= source; target++) {
          area.fill(0xee);
          area.set(masked(payload, KEY), source);
          assert(unmask(memory, base + source, base + target, length, KEY));
          assertEquals(
            area.subarray(target, target + length).toHex(),
            payload.toHex(),
          );
          assert(area.subarray(0, target).every((byte) => byte === 0xee));
          assert(
            area.subarray(source + length).every((byte) => byte === 0xee),
          );
        }
      }
    }
  });

  Deno.test(`unmask() finds a byte that is not ASCII at any index ${where}`, () => {
    for (let length = 1; length < 70; length++) {
      for (let index = 0; index < length; index++) {
        for (const byte of [0x80, 0xff]) {
          const payload = new Uint8Array(length).fill(0x7f);
          payload[index] = byte;
          area.set(masked(payload, KEY), 33);
          assertEquals(
            unmask(memory, base + 33, base + 33, length, KEY),
            false,
          );
        }
      }
    }
  });

  Deno.test(`unmask() changes no byte outside of the payload ${where}`, () => {
    for (let length = 0; length < 70; length++) {
      area.fill(0xff);
      area.set(masked(new Uint8Array(length), KEY), 33);
      assertEquals(unmask(memory, base + 33, base + 31, length, KEY), true);
    }
  });

  Deno.test(`unmask() accepts keys with any sign bits ${where}`, () => {
    for (const key of [0, -1, 0x80808080 | 0, 0x7fffffff, -0x80000000]) {
      const payload = Uint8Array.from({ length: 41 }, (_, i) => i);
      area.set(masked(payload, key), 50);
      assert(unmask(memory, base + 50, base + 47, 41, key));
      assertEquals(area.slice(47, 88), payload);
    }
  });
}

Deno.test("unmask() in the arena equals unmaskPlain()", () => {
  const area = ARENA.bytes.subarray(buffer.offset, buffer.offset + SIZE);
  for (let length = 0; length < 300; length++) {
    const source = 100 + length % 17;
    const target = source - length % 13;
    const key = Math.imul(length + 1, 0x9e3779b1);
    for (const mask of [0x00, 0x80]) {
      const random = Uint8Array.from(
        { length: SIZE },
        (_, i) => Math.imul(i + length, 0x85ebca6b) >>> 13 & (0x7f | mask),
      );
      random.set(
        masked(random.subarray(source, source + length), key),
        source,
      );
      area.set(random);
      plain.bytes.set(random);
      assertEquals(
        unmask(
          ARENA,
          buffer.offset + source,
          buffer.offset + target,
          length,
          key,
        ),
        unmaskPlain(plain, source, target, length, key),
      );
      assertEquals(
        area.subarray(0, target + length).toHex(),
        plain.bytes.subarray(0, target + length).toHex(),
      );
      assertEquals(
        area.subarray(source + length).toHex(),
        plain.bytes.subarray(source + length).toHex(),
      );
    }
  }
});

Deno.test("rotateKey() returns the key for the rest of a payload", () => {
  for (let count = 0; count < 9; count++) {
    const bytes = keyBytes(KEY);
    assertEquals(
      keyBytes(rotateKey(KEY, count)),
      [0, 1, 2, 3].map((i) => bytes[(i + count) & 3]),
    );
  }
});

Deno.test("rotateKey() accepts counts above 32 bits", () => {
  assertEquals(keyBytes(rotateKey(KEY, 2 ** 40 + 1)), [0xfa, 0x21, 0x3d, 0x37]);
});

testWith(
  { read: true },
  "unmask.wasm is byte for byte what unmask.wat assembles to",
  async () => {
    const { default: load } = await import("wabt");
    const folder = new URL("../../../../lib/frame/codec/", import.meta.url);
    const wat = await Deno.readTextFile(new URL("unmask.wat", folder));
    const wasm = await Deno.readFile(new URL("unmask.wasm", folder));
    const wabt = await load();
    const module = wabt.parseWat("unmask.wat", wat, { simd: true });
    try {
      module.resolveNames();
      module.validate();
      const { buffer } = module.toBinary({});
      assertEquals(buffer.toHex(), wasm.toHex());
    } finally {
      module.destroy();
    }
  },
);
