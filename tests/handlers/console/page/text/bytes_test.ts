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
  Deno.test(`parseHex() reads ${JSON.stringify(text)}`, () => {
    assertEquals(parseHex(text), new TextEncoder().encode("Hello"));
  });
}

Deno.test("parseHex() reads nothing as no bytes", () => {
  assertEquals(parseHex(" \n").length, 0);
});

Deno.test("parseHex() says what is wrong", () => {
  assertThrows(() => parseHex("4g"), SyntaxError, "“g” is no hex digit");
  assertThrows(() => parseHex("48 6"), SyntaxError, "one is missing");
  assertThrows(() => parseHex("48😀"), SyntaxError, "“😀” is no hex digit");
});

Deno.test("hexDump() has offset, bytes and ASCII, 16 a line", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 0x30);
  assertEquals(
    hexDump(bytes),
    "00000000  30 31 32 33 34 35 36 37  38 39 3a 3b 3c 3d 3e 3f  0123456789:;<=>?\n" +
      "00000010  40 41                                             @A",
  );
});

Deno.test("hexDump() shows what is not printable as a dot", () => {
  assertEquals(hexDump(Uint8Array.of(0, 0x1f, 0x7f, 0xff)).slice(-4), "....");
  assertEquals(hexDump(new Uint8Array(0)), "");
});

Deno.test("spacedHex() has two digits a byte", () => {
  assertEquals(spacedHex(Uint8Array.of(0, 15, 255)), "00 0f ff");
});

Deno.test("base64() takes more bytes than a call has arguments", () => {
  const bytes = randomBytes(200_001);
  assertEquals(Uint8Array.fromBase64(base64(bytes)), bytes);
});

Deno.test("utf8Length() counts bytes", () => {
  assertEquals(utf8Length("aü😀"), 7);
});
