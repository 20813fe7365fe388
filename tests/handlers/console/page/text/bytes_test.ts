import { assertEquals, assertThrows } from "@std/assert";
import {
  base64,
  hexDump,
  parseHex,
  randomBytes,
  spacedHex,
  utf8Length,
} from "../../../../../handlers/console/page/text/bytes.js";

for (
  const text of [
    "48656c6c6f",
    "48 65 6C 6c 6f",
    "0x48,0x65,0x6c 0x6c\n6f",
    "48:65:6c:6c:6f",
  ]
) {
  Deno.test(`parseHex() accepts ${JSON.stringify(text)}`, () => {
    assertEquals(parseHex(text), new TextEncoder().encode("Hello"));
  });
}

Deno.test("parseHex() returns no bytes for white space", () => {
  assertEquals(parseHex(" \n").length, 0);
});

Deno.test("parseHex() rejects other characters and half bytes", () => {
  assertThrows(() => parseHex("4g"), SyntaxError, "“g” is not a hex digit");
  assertThrows(() => parseHex("48 6"), SyntaxError, "one is missing");
  assertThrows(() => parseHex("48😀"), SyntaxError, "“😀” is not a hex digit");
});

Deno.test("hexDump() has offset, hex and ASCII of 16 bytes per line", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 0x30);
  assertEquals(
    hexDump(bytes),
    "00000000  30 31 32 33 34 35 36 37  38 39 3a 3b 3c 3d 3e 3f  0123456789:;<=>?\n" +
      "00000010  40 41                                             @A",
  );
});

Deno.test("hexDump() shows unprintable bytes as dots", () => {
  assertEquals(hexDump(Uint8Array.of(0, 0x1f, 0x7f, 0xff)).slice(-4), "....");
  assertEquals(hexDump(new Uint8Array(0)), "");
});

Deno.test("spacedHex() has two digits per byte", () => {
  assertEquals(spacedHex(Uint8Array.of(0, 15, 255)), "00 0f ff");
});

Deno.test("base64() encodes more bytes than a call has arguments", () => {
  const bytes = randomBytes(200_001);
  assertEquals(Uint8Array.fromBase64(base64(bytes)), bytes);
});

Deno.test("utf8Length() counts bytes", () => {
  assertEquals(utf8Length("aü😀"), 7);
});
