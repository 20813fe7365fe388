import { assert, assertEquals, assertFalse } from "@std/assert";
import { printable } from "../../../lib/log/printable.ts";

for (
  const [what, text, expected] of [
    ["nothing", "", ""],
    [
      "plain text",
      "Hello, world: 'x' \"y\" {z}",
      "Hello, world: 'x' \"y\" {z}",
    ],
    ["letters of the world", "äß 漢字 عربى", "äß 漢字 عربى"],
    ["whole surrogate pairs", "😀👩‍💻", "😀👩‍💻"],
    ["newlines", "a\nb\r\nc", "a\\nb\\r\\nc"],
    ["tabs", "a\tb", "a\\tb"],
    ["backslashes", "a\\nb", "a\\\\nb"],
    ["NUL, BEL and DEL", "\0\x07\x7f", "\\u0000\\u0007\\u007f"],
    ["ANSI escapes", "\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"],
    ["ANSI title changes", "\x1b]0;t\x07", "\\u001b]0;t\\u0007"],
    ["8-bit control sequences", "\x9b31m\x85", "\\u009b31m\\u0085"],
    ["line separators", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["direction marks", "\u202eabc\u2066\u200f", "\\u202eabc\\u2066\\u200f"],
    ["a lone high surrogate", "a\ud83db", "a\\ud83db"],
    ["a lone low surrogate", "a\ude00b", "a\\ude00b"],
    ["a high surrogate at the end", "\ud83d", "\\ud83d"],
    ["a low surrogate at the start", "\ude00", "\\ude00"],
    ["surrogates the wrong way round", "\ude00\ud83d", "\\ude00\\ud83d"],
    ["a lone one before a pair", "\ud83d\ud83d\ude00", "\\ud83d😀"],
    ["a lone one after a pair", "\ud83d\ude00\ude00", "😀\\ude00"],
  ] as const
) {
  Deno.test(`printable() returns ${what}`, () => {
    assertEquals(printable(text), expected);
  });
}

Deno.test("printable() escapes all control characters", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const shown = printable(String.fromCharCode(code));
    assertFalse(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown), `U+${code}`);
  }
});

Deno.test("printable() escapes all marks of text direction", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const shown = printable(String.fromCharCode(code));
    assertFalse(/\p{Bidi_Control}/u.test(shown), `U+${code.toString(16)}`);
  }
});

Deno.test("printable() escapes different control characters differently", () => {
  const shown = new Set<string>();
  for (let code = 0; code < 256; code++) {
    shown.add(printable(String.fromCharCode(code)));
  }
  assertEquals(shown.size, 256);
});

Deno.test("printable() does not cut 128 characters", () => {
  const text = "x".repeat(128);
  assertEquals(printable(text), text);
});

Deno.test("printable() cuts after 128 characters", () => {
  assertEquals(printable("x".repeat(128) + "yz"), "x".repeat(128) + "…");
});

Deno.test("printable() cuts before it escapes", () => {
  assertEquals(printable("\n".repeat(129)), "\\n".repeat(128) + "…");
});

Deno.test("printable() escapes half of a surrogate pair at the cut", () => {
  const shown = printable("x".repeat(127) + "😀");
  assert(shown.isWellFormed());
  assert(shown.startsWith("x".repeat(127)));
  assert(shown.endsWith("…"));
});
