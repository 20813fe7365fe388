import { assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { heldMemory, NO_ACCOUNT } from "../../../lib/memory/held_memory.ts";

Deno.test("heldMemory() charges the account, and says when memory is tight", () => {
  const account = new MemoryAccount(1000);
  const memory = heldMemory(account);
  memory.charge(499);
  assertEquals([account.total, memory.isTight], [499, false]);
  memory.charge(1);
  assertEquals([account.total, memory.isTight], [500, true]);
  memory.charge(-500);
  assertEquals([account.total, memory.isTight], [0, false]);
});

Deno.test("NO_ACCOUNT is never tight", () => {
  NO_ACCOUNT.charge(2 ** 40);
  assertEquals(NO_ACCOUNT.isTight, false);
});
