import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Utf8Validator } from "../../lib/frame/codec/utf8.ts";
import { type Bytes, concat, toBytes } from "../conformance/wire.ts";
import { mutate, mutation, sizes, utf8 } from "./arbitraries.ts";
import { check } from "./check.ts";
import { canContinue, isUtf8, split } from "./decoding.ts";

const nearUtf8: fc.Arbitrary<Bytes> = fc.oneof(
  utf8,
  fc.tuple(utf8, mutation).map(([bytes, by]) => mutate(bytes, by)),
  fc.array(
    fc.constantFrom(
      ...[0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2],
      ...[
        0xdf,
        0xe0,
        0xe1,
        0xec,
        0xed,
        0xee,
        0xef,
        0xf0,
        0xf1,
        0xf3,
        0xf4,
        0xf5,
        0xff,
      ],
    ),
    { maxLength: 12 },
  ).map((bytes) => Uint8Array.from(bytes)),
  fc.tuple(fc.nat(120), utf8, mutation, fc.nat(120)).map((
    [before, bytes, by, after],
  ) =>
    concat(
      toBytes("a".repeat(before)),
      mutate(bytes, by),
      toBytes("é".repeat(after)),
    )
  ),
  fc.uint8Array({ maxLength: 30 }),
);

Deno.test("Utf8Validator agrees with TextDecoder, for any split", () => {
  check(
    11,
    fc.property(nearUtf8, sizes, (bytes, sizes) => {
      let validator = new Utf8Validator();
      let good = true;
      for (const chunk of split(bytes, sizes)) {
        if (!validator.push(chunk, 0, chunk.length)) {
          good = false;
          break;
        }
        // A copy can continue the check.
        if (chunk.length % 3 === 0) validator = new Utf8Validator(validator);
      }
      assertEquals(good && validator.isComplete, isUtf8(bytes));
    }),
  );
});

Deno.test("Utf8Validator fails at the first invalid byte", () => {
  check(
    4,
    fc.property(nearUtf8, fc.nat(3), (bytes, offset) => {
      const validator = new Utf8Validator();
      const presented = concat(new Uint8Array(offset).fill(0xff), bytes);
      for (let at = 0; at < bytes.length; at++) {
        const prefix = bytes.subarray(0, at + 1);
        const good = validator.push(presented, offset + at, offset + at + 1);
        assertEquals(good, canContinue(prefix), `at byte ${at}`);
        const whole = new Utf8Validator();
        assertEquals(whole.push(prefix, 0, prefix.length), good);
        if (!good) return;
        assertEquals(validator.isComplete, isUtf8(prefix));
      }
    }),
  );
});

Deno.test("Utf8Validator agrees with TextDecoder on every first and second byte", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const bytes = new Uint8Array(3);
  const seconds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let first = 0xbf; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      for (const third of seconds) {
        bytes.set([first, second, third]);
        let expected = true;
        try {
          decoder.decode(bytes);
        } catch {
          expected = false;
        }
        const validator = new Utf8Validator();
        const good = validator.push(bytes, 0, 3) && validator.isComplete;
        if (good !== expected) throw new Error(bytes.toHex());
      }
    }
  }
});
