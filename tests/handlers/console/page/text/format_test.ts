import { assertEquals } from "@std/assert";
import {
  formatCount,
  formatDuration,
  formatMs,
  formatRate,
  formatSize,
  formatTime,
  preview,
} from "../../../../../handlers/console/page/text/format.js";

for (
  const [bytes, text] of [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [300 * 1024, "300 KiB"],
    [2 ** 20, "1 MiB"],
    [5 * 2 ** 30, "5 GiB"],
    [2 ** 42, "4096 GiB"],
  ] as const
) {
  Deno.test(`formatSize(${bytes}) is ${text}`, () => {
    assertEquals(formatSize(bytes), text);
  });
}

for (
  const [ms, text] of [
    [0.204, "0.2 ms"],
    [9.876, "9.88 ms"],
    [12.34, "12.3 ms"],
    [123.4, "123 ms"],
    [1250, "1.25 s"],
  ] as const
) {
  Deno.test(`formatMs(${ms}) is ${text}`, () =>
    assertEquals(formatMs(ms), text));
}

for (
  const [seconds, text] of [
    [-1, "0 s"],
    [0.9, "0 s"],
    [59, "59 s"],
    [61, "1 min 1 s"],
    [3600, "1 h 0 min"],
    [90_061, "1 d 1 h"],
  ] as const
) {
  Deno.test(`formatDuration(${seconds}) is ${text}`, () => {
    assertEquals(formatDuration(seconds), text);
  });
}

Deno.test("formatTime() has milliseconds", () => {
  assertEquals(
    formatTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime()),
    "03:04:05.006",
  );
});

Deno.test("formatCount() and formatRate() separate thousands", () => {
  assertEquals(formatCount(100_000), "100,000");
  assertEquals([formatRate(0.25), formatRate(1234.5)], ["0.25", "1,235"]);
});

Deno.test("preview() shows control characters as symbols, on one line", () => {
  assertEquals(preview("a\nb\x1b[0m\x7f\u202e", 100), "a␊b␛[0m␡\ufffd");
});

Deno.test("preview() cuts with an ellipsis", () => {
  assertEquals([preview("abc", 3), preview("abcd", 3)], ["abc", "abc…"]);
});
