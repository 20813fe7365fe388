import { assertEquals, assertThrows } from "@std/assert";
import {
  isJsonStructure,
  parseJson,
  parseRepeat,
  parseSize,
  payloadMaker,
  prettyJson,
} from "../../../../../handlers/console/page/sending/payload.js";

const FORM = { message: "", size: "", file: undefined };

Deno.test("payloadMaker() makes the payload of each mode", () => {
  const make = (mode: Parameters<typeof payloadMaker>[0], form = {}) =>
    payloadMaker(mode, { ...FORM, ...form })();
  assertEquals(make("text", { message: "" }), "");
  assertEquals(make("json", { message: " [1] " }), " [1] ");
  assertEquals(make("hex", { message: "ff" }), Uint8Array.of(255));
  assertEquals(make("file", { file: Uint8Array.of(1) }), Uint8Array.of(1));
  assertEquals(make("random", { size: "70000" }).length, 70_000);
});

Deno.test("payloadMaker() makes new random bytes for each message", () => {
  const make = payloadMaker("random", { ...FORM, size: "32" });
  assertEquals(String(make()) === String(make()), false);
});

Deno.test("payloadMaker() rejects an invalid form", () => {
  for (
    const [mode, message] of [
      ["json", "Enter a JSON value."],
      ["file", "Choose a file."],
      ["random", "The size must be a number of bytes"],
    ] as const
  ) {
    assertThrows(() => payloadMaker(mode, FORM), SyntaxError, message);
  }
  assertThrows(() => parseJson("{"), SyntaxError, "Invalid JSON: ");
});

for (
  const [text, size] of [["0", 0], ["1024", 1024], [" 64KiB ", 65_536], [
    "1 mib",
    2 ** 20,
  ]] as const
) {
  Deno.test(`parseSize() accepts "${text}"`, () =>
    assertEquals(parseSize(text), size));
}

for (const text of ["", "-1", "1.5", "1GiB", "65MiB", "many"]) {
  Deno.test(`parseSize() rejects "${text}"`, () => {
    assertThrows(() => parseSize(text), SyntaxError);
  });
}

Deno.test("parseRepeat() accepts times and interval within their limits", () => {
  assertEquals(parseRepeat("3", "0.5"), { times: 3, interval: 0.5 });
  for (const times of ["0", "-1", "1.5", "x", "1000001", ""]) {
    assertThrows(() => parseRepeat(times, "0"), SyntaxError, "Times");
  }
  for (const interval of ["-1", "x", "3600001"]) {
    assertThrows(() => parseRepeat("1", interval), SyntaxError, "interval");
  }
});

Deno.test("prettyJson() does not change invalid JSON; isJsonStructure() finds objects and arrays that it changes", () => {
  assertEquals(prettyJson('{"a":1}'), '{\n  "a": 1\n}');
  assertEquals(prettyJson("{"), "{");
  assertEquals(["[1,2]", '{"a":1}', "1", "x", "[", "[]"].map(isJsonStructure), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
