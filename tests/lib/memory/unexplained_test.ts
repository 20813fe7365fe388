import { assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import {
  growthOf,
  registerAccount,
  unexplainedBytes,
} from "../../../lib/memory/unexplained.ts";

Deno.test("unexplainedBytes() counts what the account does not explain", () => {
  let resident = 1000;
  const account = new MemoryAccount(2 ** 20);
  const unexplained = unexplainedBytes(account, () => resident);
  resident += 300;
  assertEquals(unexplained(), 300);
  account.open(undefined, 200);
  assertEquals(unexplained(), 100);
});

Deno.test("unexplainedBytes() counts what no server of the process explains", () => {
  let resident = 1000;
  const account = new MemoryAccount(2 ** 20);
  const other = new MemoryAccount(2 ** 20);
  const stops = [account, other].map(registerAccount);
  const unexplained = unexplainedBytes(account, () => resident);
  resident += 300;
  const charge = other.open(undefined, 250);
  assertEquals(unexplained(), 50);
  charge.close();
  assertEquals(unexplained(), 300);
  for (const stop of stops) stop();
});

const MIB = 2 ** 20;

/** Whether each of the measurements counts as growth. */
function growing(mebibytes: readonly number[]): boolean[] {
  const left = [...mebibytes];
  const sample = growthOf(() => left.shift()! * MIB);
  return mebibytes.map(() => sample().isGrowing);
}

Deno.test("growthOf() counts a slow growth from time to time", () => {
  assertEquals(
    growing([100, 102, 104, 106, 108, 110]),
    [true, false, false, true, false, false],
  );
});

Deno.test("growthOf() does not count what comes and goes", () => {
  assertEquals(
    growing([100, 60, 99, 50, 102, 38]),
    [true, false, false, false, false, false],
  );
});

Deno.test("growthOf() counts growth after a large decrease", () => {
  assertEquals(growing([100, 30, 35, 38]), [true, false, true, false]);
});
