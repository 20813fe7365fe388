import { assertEquals, fail } from "@std/assert";
import {
  MAX_FRAGMENTS,
  sendInFragments,
} from "../../../../handlers/script/replies/fragments.ts";
import {
  FakeConnection,
  FakeFrame,
  sent,
} from "../../../../lib/testing/mod.ts";

for (
  const [title, message, size, frames] of [
    ["a text", "abcde", 2, [
      sent("text", "ab", false),
      sent("continuation", "cd", false),
      sent("continuation", "e"),
    ]],
    ["a text that the size divides", "abcd", 2, [
      sent("text", "ab", false),
      sent("continuation", "cd"),
    ]],
    ["a text that fits", "ab", 2, [sent("text", "ab")]],
    ["an empty text", "", 2, [sent("text", "")]],
    ["bytes", Uint8Array.of(1, 2, 3), 2, [
      sent("binary", "\x01\x02", false),
      sent("continuation", "\x03"),
    ]],
    ["a received text", new FakeFrame("text", "€"), 1, [
      sent("text", Uint8Array.of(0xe2), false),
      sent("continuation", Uint8Array.of(0x82), false),
      sent("continuation", Uint8Array.of(0xac)),
    ]],
    ["a received binary message", new FakeFrame("binary", "abc"), 3, [
      sent("binary", "abc"),
    ]],
  ] as const
) {
  Deno.test(`sendInFragments() splits ${title}`, () => {
    const connection = new FakeConnection();
    sendInFragments(connection, message, size, () => fail());
    assertEquals(connection.sent, frames);
  });
}

Deno.test("sendInFragments() fails with 1009 when a message has too many fragments", () => {
  const connection = new FakeConnection();
  const faults: unknown[] = [];
  const note = (...fault: unknown[]) => void faults.push(fault);
  sendInFragments(connection, "x".repeat(2 * MAX_FRAGMENTS), 2, note);
  assertEquals(connection.sent.length, MAX_FRAGMENTS);
  connection.sent.length = 0;
  sendInFragments(connection, "x".repeat(2 * MAX_FRAGMENTS + 1), 2, note);
  assertEquals(connection.sent, []);
  assertEquals(faults, [[1009, "over 16384 fragments"]]);
});
