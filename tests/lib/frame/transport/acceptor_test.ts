import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "../../../handlers/fake_time.ts";
import { acceptConns } from "../../../../lib/frame/transport/acceptor.ts";

/** A listener whose `accept` fails with these errors, in order. */
function failing(errors: readonly Error[]) {
  const times: number[] = [];
  const over = Promise.withResolvers<void>();
  const rest = [...errors];
  const listener = {
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    accept(): Promise<Deno.Conn> {
      times.push(performance.now());
      const error = rest.shift();
      if (error !== undefined) return Promise.reject(error);
      over.resolve();
      return new Promise(() => {});
    },
    close() {},
  } as unknown as Deno.Listener;
  return { listener, times, over: over.promise };
}

Deno.test("acceptConns() continues at once when a client disconnected before it was accepted", async () => {
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  const { listener, times, over } = failing([
    new NotConnected("left"),
    new ConnectionAborted("left"),
    new ConnectionReset("left"),
  ]);
  // A pause would not end on this clock.
  using time = new FakeTime();
  acceptConns(listener, () => {});
  await over;
  assertEquals(times.length, 4);
  assertEquals(time.timers, 0);
});

Deno.test("acceptConns() pauses and continues when the process has no file descriptor", async () => {
  const { listener, times, over } = failing([
    new Error("Too many open files (os error 24)"),
  ]);
  acceptConns(listener, () => {});
  await over;
  assertEquals(times.length, 2);
  assert(times[1]! - times[0]! > 90, "it did not pause");
});
