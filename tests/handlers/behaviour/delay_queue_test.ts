import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { DelayQueue } from "../../../handlers/behaviour/delay_queue.ts";
import { hasWaitingWork } from "../../../lib/scheduling/scheduler.ts";
import { Timers } from "../../../handlers/behaviour/timers.ts";
import { FakeTime } from "./fake_time.ts";

/** A queue, its timers, and what it has done. */
function queueOf(delay: number, jitter: number) {
  const timers = new Timers();
  const done: number[] = [];
  const held = { bytes: 0 };
  const queue = new DelayQueue<() => void>({
    lateness: { delay, jitter },
    timers,
    act: (item) => item(),
    held: (bytes) => held.bytes += bytes,
  });
  const add = (item: number, bytes = 0) =>
    queue.add(() => done.push(item), bytes);
  return { timers, queue, add, done, held };
}

Deno.test("DelayQueue does everything as late as is asked for", () => {
  using time = new FakeTime();
  const { add, done } = queueOf(100, 0);
  add(1);
  time.pass(50);
  add(2);
  time.pass(49);
  assertEquals(done, []);
  time.pass(1);
  assertEquals(done, [1]);
  time.pass(49);
  assertEquals(done, [1]);
  time.pass(1);
  assertEquals(done, [1, 2]);
});

Deno.test("DelayQueue keeps the order under jitter", async () => {
  using time = new FakeTime();
  const { add, done } = queueOf(0, 1000);
  const items = Array.from({ length: 1000 }, (_, i) => i);
  for (const item of items) add(item);
  const counts = new Set<number>();
  for (let ms = 0; ms <= 1000; ms++) {
    time.pass(1);
    // Where many are due, the others go first meanwhile.
    while (hasWaitingWork()) {
      time.pass(0);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    counts.add(done.length);
  }
  assertEquals(done, items);
  assert(counts.size > 1, "nothing was left to chance");
});

Deno.test("DelayQueue runs one timer, however many wait, and none for none", () => {
  using time = new FakeTime();
  const { add } = queueOf(10, 10);
  for (let i = 0; i < 100; i++) add(i);
  assertEquals(time.timers, 1);
  time.pass(20);
  assertEquals(time.timers, 0);
  add(0);
  assertEquals(time.timers, 1);
});

Deno.test("DelayQueue.bytes counts what waits, and something for each item", () => {
  using time = new FakeTime();
  const { queue, add, held } = queueOf(10, 0);
  add(1, 1000);
  const one = queue.bytes;
  assert(one > 1000 && one < 2000, `${one}`);
  add(2, 0);
  assert(queue.bytes > one);
  assertEquals(held.bytes, queue.bytes);
  time.pass(10);
  assertEquals([queue.bytes, held.bytes], [0, 0]);
});

Deno.test("DelayQueue.clear() forgets what waits, also from within", () => {
  using time = new FakeTime();
  const { queue, add, done, held } = queueOf(10, 0);
  add(1);
  queue.add(() => queue.clear(), 0);
  add(2);
  time.pass(100);
  assertEquals([done, queue.bytes, held.bytes], [[1], 0, 0]);
  add(3);
  time.pass(10);
  assertEquals(done, [1, 3]);
});

Deno.test("DelayQueue does nothing once its timers have ended", () => {
  using time = new FakeTime();
  const { timers, add, done } = queueOf(10, 0);
  add(1);
  timers.end();
  add(2);
  time.pass(100);
  assertEquals([done, time.timers], [[], 0]);
});

Deno.test("DelayQueue does what is added meanwhile behind the rest", () => {
  using time = new FakeTime();
  const { queue, add, done } = queueOf(10, 0);
  queue.add(() => add(3), 0);
  add(1);
  add(2);
  time.pass(10);
  assertEquals(done, [1, 2]);
  time.pass(10);
  assertEquals(done, [1, 2, 3]);
});
