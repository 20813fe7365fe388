import { assertEquals } from "@std/assert";
import { Utf8Validator } from "../../../../lib/frame/codec/utf8.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replaceAll(" ", ""));
}

/** Whether the bytes begin a text, and whether they are a whole one. */
function verdict(...chunks: readonly Uint8Array[]): [boolean, boolean] {
  const utf8 = new Utf8Validator();
  const begins = chunks.every((chunk) => utf8.push(chunk, 0, chunk.length));
  return [begins, begins && utf8.isComplete];
}

/** The limits of valid sequences by RFC 3629 §4, and the nearest invalid ones. */
const SEQUENCES: readonly [string, string, boolean, boolean][] = [
  ["nothing", "", true, true],
  ["the last of one byte", "7f", true, true],
  ["a continuation byte alone", "80", false, false],
  ["an overlong slash", "c0 af", false, false],
  ["the last overlong of two bytes", "c1 bf", false, false],
  ["the first of two bytes", "c2 80", true, true],
  ["the last of two bytes", "df bf", true, true],
  ["the last overlong of three bytes", "e0 9f bf", false, false],
  ["the first of three bytes", "e0 a0 80", true, true],
  ["the last before the surrogates", "ed 9f bf", true, true],
  ["the first surrogate", "ed a0 80", false, false],
  ["the last surrogate", "ed bf bf", false, false],
  ["the first after the surrogates", "ee 80 80", true, true],
  ["the last of three bytes", "ef bf bf", true, true],
  ["the last overlong of four bytes", "f0 8f bf bf", false, false],
  ["the first of four bytes", "f0 90 80 80", true, true],
  ["U+10FFFF", "f4 8f bf bf", true, true],
  ["U+110000", "f4 90 80 80", false, false],
  ["a start of five bytes", "f8 88 80 80 80", false, false],
  ["FE", "fe", false, false],
  ["FF", "ff", false, false],
  ["a start without continuation", "c3 41", false, false],
  ["a start after a start", "e2 82 e2", false, false],
  ["one byte of two", "c3", true, false],
  ["one byte of three", "e2", true, false],
  ["two bytes of three", "e2 82", true, false],
  ["three bytes of four", "f0 9f 98", true, false],
];

for (const [name, bytes, begins, ends] of SEQUENCES) {
  Deno.test(`Utf8Validator.push() ${begins ? "accepts" : "refuses"} ${name}`, () => {
    const sequence = hex(bytes);
    assertEquals(verdict(sequence), [begins, ends]);
    assertEquals(
      verdict(...Array.from(sequence, (byte) => Uint8Array.of(byte))),
      [begins, ends],
      "byte by byte",
    );
  });

  // Long inputs are checked by the runtime.
  Deno.test(`Utf8Validator.push() ${begins ? "accepts" : "refuses"} ${name} after a long text`, () => {
    for (const length of [93, 94, 95, 96, 97, 500]) {
      const text = new Uint8Array([
        ...new Uint8Array(length).fill(0x61),
        ...hex(bytes),
      ]);
      assertEquals(verdict(text), [begins, ends]);
    }
  });
}

Deno.test("Utf8Validator.push() accepts a text that is split anywhere", () => {
  const bytes = bytesOf("aß€😀".repeat(40));
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(
      verdict(bytes.subarray(0, cut), bytes.subarray(cut)),
      [true, true],
    );
  }
});

Deno.test("Utf8Validator.push() checks only the bytes from start to end", () => {
  const utf8 = new Utf8Validator();
  assertEquals(utf8.push(hex("ff 61 ff"), 1, 2), true);
  assertEquals(utf8.push(hex("ff c3 ff"), 1, 2), true);
  assertEquals(utf8.push(hex("ff a9 ff"), 1, 2), true);
  assertEquals(utf8.isComplete, true);
});

Deno.test("Utf8Validator.push() accepts an empty input inside a code point", () => {
  assertEquals(verdict(hex("c3"), hex(""), hex("a9")), [true, true]);
});

Deno.test("Utf8Validator.isComplete is false inside a code point", () => {
  const utf8 = new Utf8Validator();
  const found = [utf8.isComplete];
  for (const byte of bytesOf("a😀")) {
    utf8.push(Uint8Array.of(byte), 0, 1);
    found.push(utf8.isComplete);
  }
  assertEquals(found, [true, true, false, false, false, true]);
});

Deno.test("Utf8Validator.constructor() copies a check, which does not change", () => {
  const before = new Utf8Validator();
  before.push(hex("ed"), 0, 1);
  const after = new Utf8Validator(before);
  assertEquals(after.push(hex("9f bf"), 0, 2), true);
  assertEquals([before.isComplete, after.isComplete], [false, true]);
  assertEquals(new Utf8Validator(before).push(hex("a0"), 0, 1), false);
});
