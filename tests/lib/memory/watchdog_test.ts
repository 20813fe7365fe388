import { assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { watchMemory } from "../../../lib/memory/watchdog.ts";
import { FakeTime } from "../../handlers/behaviour/fake_time.ts";

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

Deno.test("watchMemory() tells once when resident memory stays unexplained", () => {
  using time = new FakeTime();
  const { process, exceeded } = watch();
  process.residentBytes = 1100 * MIB;
  time.pass(5000);
  assertEquals(exceeded, []);
  process.residentBytes = 1200 * MIB;
  time.pass(5000);
  assertEquals(exceeded, [1100]);
  assertEquals(time.timers, 0);
});

Deno.test("watchMemory() does not mind memory that the account explains", () => {
  using time = new FakeTime();
  const { account, process, exceeded, stop } = watch();
  account.open(undefined, 200 * MIB);
  process.residentBytes = 1250 * MIB;
  time.pass(5000);
  assertEquals(exceeded, []);
  stop();
  assertEquals(time.timers, 0);
});

Deno.test("watchMemory() does not mind a moment", () => {
  using time = new FakeTime();
  const { process, exceeded, stop } = watch();
  for (let i = 0; i < 10; i++) {
    process.residentBytes = 2000 * MIB;
    time.pass(400);
    process.residentBytes = 500 * MIB;
    time.pass(100);
  }
  assertEquals(exceeded, []);
  stop();
});
