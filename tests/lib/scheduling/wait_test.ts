import { assert, assertEquals } from "@std/assert";
import { wait } from "../../../lib/scheduling/wait.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("wait() returns true when the time has passed", async () => {
  const start = performance.now();
  assertEquals(await wait(20), true);
  assert(performance.now() - start >= 19);
});

Deno.test("wait() returns false when a signal is aborted, and leaves no timer", async () => {
  const first = new AbortController();
  const second = new AbortController();
  const waiting = wait(60_000, [first.signal, second.signal]);
  second.abort();
  assertEquals(await waiting, false);
  assertEquals(first.signal.aborted, false);
});

Deno.test("wait() resolves at once for an aborted signal", async () => {
  assertEquals(await wait(60_000, [AbortSignal.abort()]), false);
});

Deno.test("wait() leaves no listener on its signals", async () => {
  const signal = new CountingSignal();
  assertEquals(await wait(1, [signal as unknown as AbortSignal]), true);
  assertEquals(signal.listeners, 0);
});

class CountingSignal {
  readonly aborted = false;
  listeners = 0;
  addEventListener(): void {
    this.listeners++;
  }
  removeEventListener(): void {
    this.listeners--;
  }
}
