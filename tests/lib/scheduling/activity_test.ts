import { assert, assertEquals } from "@std/assert";
import {
  eventCount,
  firstActivity,
  latestActivity,
  nextActivity,
  noteEnd,
  noteWrite,
  transitionCount,
  unaskedWrites,
} from "../../../lib/scheduling/activity.ts";

Deno.test("nextActivity() gives growing numbers, and latestActivity() the last one", () => {
  const numbers = [firstActivity(), nextActivity(), nextActivity()];
  assert(numbers[0]! < numbers[1]! && numbers[1]! < numbers[2]!);
  assertEquals(latestActivity(), numbers[2]);
});

Deno.test("transitionCount() counts openings and ends, eventCount() all but writes", () => {
  const before = [transitionCount(), eventCount()] as const;
  firstActivity();
  nextActivity();
  noteWrite();
  noteEnd();
  assertEquals(transitionCount() - before[0], 2);
  assertEquals(eventCount() - before[1], 3);
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
