import { assertEquals } from "@std/assert";
import { RequestTurns } from "../../../lib/scheduling/request_turns.ts";
import { afterInputPoll } from "../../../lib/scheduling/scheduler.ts";

/** Takes turns, one every quarter of a millisecond; returns the number of those given. */
function take(
  turns: RequestTurns,
  count: number,
  start = 0,
  client = "a",
): number {
  return Array.from(
    { length: count },
    (_, i) => turns.take(start + i / 4, client),
  )
    .filter(Boolean).length;
}

Deno.test("RequestTurns.take() gives turns for four milliseconds after the sixteenth, between two polls for input", async () => {
  const turns = new RequestTurns();
  assertEquals(take(turns, 100), 16 + 4 * 4 - 1 + 2);
  await Promise.resolve();
  assertEquals(take(turns, 10, 1000), 0);
  await new Promise<void>(afterInputPoll);
  assertEquals(take(turns, 100, 2000), 16 + 4 * 4 - 1 + 2);
  await new Promise<void>(afterInputPoll);
});

Deno.test("RequestTurns.take() gives sixteen turns, however long they take, and two of each client", async () => {
  const turns = new RequestTurns();
  const given = Array.from({ length: 20 }, (_, i) => turns.take(100 * i, "a"));
  assertEquals(given.filter(Boolean).length, 16 + 2);
  await new Promise<void>(afterInputPoll);
});

Deno.test("RequestTurns.take() gives two further turns to each of sixteen clients", async () => {
  const turns = new RequestTurns();
  take(turns, 100);
  const given = Array.from(
    { length: 20 },
    (_, i) => take(turns, 3, 1000, `client ${i}`),
  );
  assertEquals(given, [...Array(15).fill(2), ...Array(5).fill(0)]);
  await new Promise<void>(afterInputPoll);
});
