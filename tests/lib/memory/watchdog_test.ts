import { assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { watchMemory } from "../../../lib/memory/watchdog.ts";
import { FakeTime } from "../../handlers/fake_time.ts";

const MIB = 2 ** 20;

/** A watchdog over a limit of 512 MiB, so 1 GiB may be unexplained. */
function watch() {
  const account = new MemoryAccount(512 * MIB);
  const process = { residentBytes: 100 * MIB };
  const exceeded: number[] = [];
  const stop = watchMemory(account, {
    exceeded: (unexplained) => exceeded.push(unexplained / MIB),
    residentBytes: () => process.residentBytes,
  });
  return { account, process, exceeded, stop };
}

/** Lets the process grow at each look. */
function grow(
  time: FakeTime,
  process: { residentBytes: number },
  looks: number,
): void {
  for (let i = 0; i < looks; i++) {
    process.residentBytes += 10 * MIB;
    time.pass(100);
  }
}

Deno.test("watchMemory() calls exceeded() once when unexplained memory continues to grow", () => {
  using time = new FakeTime();
  const { process, exceeded } = watch();
  process.residentBytes = 1050 * MIB;
  time.pass(100);
  grow(time, process, 7);
  assertEquals(exceeded, []);
  grow(time, process, 20);
  assertEquals(exceeded, [1070]);
  assertEquals(time.timers, 0);
});

Deno.test("watchMemory() does not mind memory that the account explains", () => {
  using time = new FakeTime();
  const { account, process, exceeded, stop } = watch();
  account.open(undefined, 200 * MIB);
  process.residentBytes = 1200 * MIB;
  time.pass(100);
  grow(time, process, 10);
  assertEquals(exceeded, []);
  stop();
  assertEquals(time.timers, 0);
});

Deno.test("watchMemory() does not mind memory that does not grow any more", () => {
  using time = new FakeTime();
  const { process, exceeded, stop } = watch();
  for (let i = 0; i < 10; i++) {
    process.residentBytes = (2000 + 30 * (i % 2)) * MIB;
    time.pass(500);
  }
  assertEquals(exceeded, []);
  stop();
});

Deno.test("watchMemory() minds a slow growth well above what is allowed, and not below", () => {
  using time = new FakeTime();
  const { process, exceeded } = watch();
  for (const start of [1150, 1400]) {
    assertEquals(exceeded, []);
    process.residentBytes = start * MIB;
    for (let i = 0; i < 30; i++) {
      process.residentBytes += MIB;
      time.pass(100);
    }
  }
  assertEquals(exceeded.length, 1);
  assertEquals(time.timers, 0);
});
