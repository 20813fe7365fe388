import { assert, assertEquals } from "@std/assert";
import { yieldToOthers } from "../../../lib/scheduling/scheduler.ts";
import { repeated } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";

function keepBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

Deno.test("yieldToOthers() calls back in order, and not at once", async () => {
  const called: string[] = [];
  yieldToOthers(() => called.push("first"));
  const last = Promise.withResolvers<void>();
  yieldToOthers(() => {
    called.push("second");
    yieldToOthers(() => {
      called.push("later");
      last.resolve();
    });
  });
  assertEquals(called, []);
  await last.promise;
  assertEquals(called, ["first", "second", "later"]);
});

testWith(
  { net: "127.0.0.1" },
  "yieldToOthers() lets the runtime poll for input between two slices",
  repeated(async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [here, there] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    using _here = here;
    using _there = there;
    let received = false;
    const reading = there.read(new Uint8Array(8)).then(() => received = true);

    let slices = 0;
    const done = Promise.withResolvers<void>();
    const run = () => {
      if (received) return done.resolve();
      if (++slices === 5) here.write(new Uint8Array(1));
      keepBusy(1);
      yieldToOthers(run);
    };
    yieldToOthers(run);
    await done.promise;
    await reading;
    // By setImmediate() alone, the runtime polls after 61 callbacks.
    assert(slices < 40, `received after ${slices} slices`);
  }),
);
