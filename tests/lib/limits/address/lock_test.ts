import { assertEquals, assertThrows } from "@std/assert";
import { Lock } from "../../../../lib/limits/address/lock.ts";
import { within } from "../../../integration/support/within.ts";
import { testWith } from "../../../permissions.ts";

testWith(
  { read: true },
  "Lock.hold() runs one thread at a time",
  async () => {
    const cells = new Int32Array(new SharedArrayBuffer(8));
    const workers = [1, 2].map(() =>
      new Worker(new URL("./lock_worker.ts", import.meta.url), {
        type: "module",
      })
    );
    try {
      await Promise.all(workers.map((worker) => {
        const { promise, resolve } = Promise.withResolvers<unknown>();
        worker.onmessage = resolve;
        worker.postMessage(cells.buffer);
        return within(promise, "a thread");
      }));
      assertEquals(cells[1], 10_000);
      assertEquals(cells[0], 0);
    } finally {
      for (const worker of workers) worker.terminate();
    }
  },
);

Deno.test("Lock.hold() releases the lock after an error", () => {
  const lock = new Lock(new Int32Array(1), 0);
  assertThrows(() =>
    lock.hold(() => {
      throw new Error("inside");
    })
  );
  assertEquals(lock.hold(() => 7), 7);
});
