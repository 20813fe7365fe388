import { assert, assertEquals } from "@std/assert";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { BufferCharge } from "../../../lib/memory/buffer_charge.ts";

Deno.test("BufferCharge.set() charges in steps, and gives everything back at 0", () => {
  const account = new MemoryAccount(2 ** 30);
  const held = new BufferCharge(account.open());
  held.set(4095);
  assertEquals(account.total, 0);
  held.set(5000);
  assertEquals(account.total, 5000);
  held.set(6000);
  assertEquals(account.total, 5000);
  held.set(50_000);
  assertEquals(account.total, 50_000);
  held.set(0);
  assertEquals(account.total, 0);
});

Deno.test("BufferCharge.set() is never wrong by 4 KiB", () => {
  const account = new MemoryAccount(2 ** 30);
  const held = new BufferCharge(account.open());
  for (let i = 0; i < 1000; i++) {
    const bytes = Math.floor(Math.random() * 30_000);
    held.set(bytes);
    assert(Math.abs(account.total - bytes) < 4096);
  }
});
