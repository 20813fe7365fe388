import { assertEquals } from "@std/assert";
import { Timers } from "../../../../handlers/script/replies/timers.ts";
import { FakeTime } from "../../fake_time.ts";

Deno.test("Timers.after() calls once", () => {
  using time = new FakeTime();
  const timers = new Timers();
  let calls = 0;
  timers.after(100, () => calls++);
  time.pass(99);
  assertEquals(calls, 0);
  time.pass(1000);
  assertEquals([calls, time.timers], [1, 0]);
});

Deno.test("Timers.every() calls with 1, 2, 3", () => {
  using time = new FakeTime();
  const timers = new Timers();
  const counts: number[] = [];
  timers.every(100, (count) => counts.push(count));
  time.pass(350);
  assertEquals(counts, [1, 2, 3]);
  timers.end();
});

Deno.test("Timers.end() ends all timers and prevents new ones", () => {
  using time = new FakeTime();
  const timers = new Timers();
  let calls = 0;
  timers.after(10, () => calls++);
  timers.every(10, () => calls++);
  timers.end();
  timers.after(10, () => calls++);
  timers.every(10, () => calls++);
  assertEquals(time.timers, 0);
  time.pass(100);
  assertEquals(calls, 0);
});

Deno.test("Timers.end() ends all timers when a callback calls it", () => {
  using time = new FakeTime();
  const timers = new Timers();
  let calls = 0;
  timers.every(10, () => {
    calls++;
    timers.end();
  });
  timers.after(20, () => calls++);
  time.pass(100);
  assertEquals([calls, time.timers], [1, 0]);
});
