import { assert, assertEquals } from "@std/assert";
import {
  firstActivity,
  latestActivity,
  messageCount,
  nextActivity,
  noteWrite,
  unaskedWrites,
} from "../../../lib/scheduling/activity.ts";

Deno.test("nextActivity() gives growing numbers, and latestActivity() the last one", () => {
  const numbers = [firstActivity(), nextActivity(), nextActivity()];
  assert(numbers[0]! < numbers[1]! && numbers[1]! < numbers[2]!);
  assertEquals(latestActivity(), numbers[2]);
});

Deno.test("messageCount() does not count openings", () => {
  const before = messageCount();
  firstActivity();
  nextActivity();
  assertEquals(messageCount() - before, 1);
});

Deno.test("unaskedWrites() counts the writes that answer no message", () => {
  const before = unaskedWrites();
  firstActivity();
  nextActivity();
  noteWrite();
  assertEquals(unaskedWrites() - before, 0);
  noteWrite();
  noteWrite();
  assertEquals(unaskedWrites() - before, 2);
});
