import { assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import {
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
