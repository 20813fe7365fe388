import { assertEquals } from "@std/assert";
import { RequestTurns } from "../../../lib/scheduling/request_turns.ts";
import { afterInputPoll } from "../../../lib/scheduling/scheduler.ts";

Deno.test("RequestTurns.take() gives sixteen turns between two polls for input", async () => {
  const turns = new RequestTurns();
  const takeAll = () =>
    Array.from({ length: 20 }, () => turns.take()).filter(Boolean).length;
  assertEquals(takeAll(), 16);
  await Promise.resolve();
  assertEquals(takeAll(), 0);
  await new Promise<void>(afterInputPoll);
  assertEquals(takeAll(), 16);
  await new Promise<void>(afterInputPoll);
});
