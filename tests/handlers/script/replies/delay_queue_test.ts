import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { DelayQueue } from "../../../../handlers/script/replies/delay_queue.ts";
import { Timers } from "../../../../handlers/script/replies/timers.ts";
import { hasWaitingWork } from "../../../../lib/scheduling/scheduler.ts";
import { FakeTime } from "../../fake_time.ts";

/** Makes a queue that records the items that it runs. */
function queueOf(delay: number, jitter: number) {
  const timers = new Timers();
  const ran: number[] = [];
  const held = { bytes: 0 };
  const queue = new DelayQueue<() => void>({
    delay,
    jitter,
    timers,
    run: (item) => item(),
    charge: (bytes) => held.bytes += bytes,
  });
  const add = (item: number, bytes = 0) =>
    queue.add(() => ran.push(item), bytes);
  return { timers, queue, add, ran, held };
}

Deno.test("DelayQueue runs each item after its delay", () => {
  using time = new FakeTime();
  const { add, ran } = queueOf(100, 0);
  add(1);
  time.pass(50);
  add(2);
  time.pass(49);
  assertEquals(ran, []);
  time.pass(1);
  assertEquals(ran, [1]);
  time.pass(49);
  assertEquals(ran, [1]);
  time.pass(1);
  assertEquals(ran, [1, 2]);
});

Deno.test("DelayQueue keeps the order under jitter", async () => {
  using time = new FakeTime();
  const { add, ran } = queueOf(0, 1000);
  const items = Array.from({ length: 1000 }, (_, i) => i);
  for (const item of items) add(item);
  const counts = new Set<number>();
  for (let ms = 0; ms <= 1000; ms++) {
    time.pass(1);
    // The queue yields when many items are due at once.
    while (hasWaitingWork()) {
      time.pass(0);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    counts.add(ran.length);
  }
  assertEquals(ran, items);
  assert(counts.size > 1, "jitter had no effect");
});

Deno.test("DelayQueue sets one timer for all items, and none when it is empty", () => {
  using time = new FakeTime();
  const { add } = queueOf(10, 10);
  // So few that the queue never looks whether its slice is over.
  for (let i = 0; i < 10; i++) add(i);
  assertEquals(time.timers, 1);
  time.pass(20);
  assertEquals(time.timers, 0);
  add(0);
  assertEquals(time.timers, 1);
});

Deno.test("DelayQueue.bytes counts content and overhead of each item", () => {
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

Deno.test("DelayQueue.clear() drops waiting items, also when an item calls it", () => {
  using time = new FakeTime();
  const { queue, add, ran, held } = queueOf(10, 0);
  add(1);
  queue.add(() => queue.clear(), 0);
  add(2);
  time.pass(100);
  assertEquals([ran, queue.bytes, held.bytes], [[1], 0, 0]);
  add(3);
  time.pass(10);
  assertEquals(ran, [1, 3]);
});

Deno.test("DelayQueue runs nothing after its timers have ended", () => {
  using time = new FakeTime();
  const { timers, add, ran } = queueOf(10, 0);
  add(1);
  timers.end();
  add(2);
  time.pass(100);
  assertEquals([ran, time.timers], [[], 0]);
});

Deno.test("DelayQueue runs items that an item adds after all others", () => {
  using time = new FakeTime();
  const { queue, add, ran } = queueOf(10, 0);
  queue.add(() => add(3), 0);
  add(1);
  add(2);
  time.pass(10);
  assertEquals(ran, [1, 2]);
  time.pass(10);
  assertEquals(ran, [1, 2, 3]);
});
