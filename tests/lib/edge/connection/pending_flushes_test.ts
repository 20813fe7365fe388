import { assertEquals } from "@std/assert";
import { FakeTime } from "../../../handlers/fake_time.ts";
import { PendingFlushes } from "../../../../lib/edge/connection/pending_flushes.ts";

Deno.test.sanitizer({ ops: true, resources: true });

function setUp() {
  const state: { written: number | undefined } = { written: 0 };
  const seen: string[] = [];
  let polls = 0;
  const flushes = new PendingFlushes(() => {
    polls++;
    return state.written;
  });
  const add = (sent: number) =>
    flushes.add(
      sent,
      (isWritten) => seen.push(`${sent} ${isWritten ? "written" : "dropped"}`),
    );
  return { state, seen, flushes, add, polls: () => polls };
}

Deno.test("PendingFlushes.add() resolves at once what is written", () => {
  const { state, seen, add } = setUp();
  state.written = 5;
  add(5);
  assertEquals(seen, ["5 written"]);
});

Deno.test("PendingFlushes resolves flushes as their data is written", () => {
  using time = new FakeTime();
  const { state, seen, add } = setUp();
  add(5);
  add(9);
  time.pass(100);
  assertEquals(seen, []);
  state.written = 5;
  time.pass(32);
  assertEquals(seen, ["5 written"]);
  state.written = 20;
  time.pass(32);
  assertEquals(seen, ["5 written", "9 written"]);
});

Deno.test("PendingFlushes polls 40 times a second without progress, and never without a flush", () => {
  using time = new FakeTime();
  const { state, add, polls } = setUp();
  add(5);
  time.pass(1000);
  assertEquals(polls() <= 40, true);
  state.written = 5;
  time.pass(32);
  const done = polls();
  time.pass(1000);
  assertEquals(polls(), done);
});

for (const isWritten of [true, false]) {
  Deno.test(`PendingFlushes.end(${isWritten}) settles all flushes`, () => {
    const { state, seen, flushes, add } = setUp();
    add(5);
    add(9);
    state.written = 5;
    flushes.end(isWritten);
    assertEquals(seen, ["5 written", `9 ${isWritten ? "written" : "dropped"}`]);
  });
}

Deno.test("PendingFlushes.end() drops what is not known to be written", () => {
  const { state, seen, flushes, add } = setUp();
  add(5);
  state.written = undefined;
  flushes.end(false);
  assertEquals(seen, ["5 dropped"]);
});
