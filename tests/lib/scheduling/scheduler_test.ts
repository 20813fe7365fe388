import { assert, assertEquals } from "@std/assert";
import { yieldToOthers } from "../../../lib/scheduling/scheduler.ts";
import { testWith } from "../../permissions.ts";

function keepBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

Deno.test("yieldToOthers() calls everybody back, in order, and not at once", async () => {
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
  "peers that go on and on do not keep the others from being heard",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [here, there] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    using _here = here;
    using _there = there;
    let heard = false;
    const hearing = there.read(new Uint8Array(8)).then(() => heard = true);

    let rounds = 0;
    const done = Promise.withResolvers<void>();
    const goOn = () => {
      if (heard) return done.resolve();
      // What is written in the middle of it has to wait until somebody looks.
      if (++rounds === 5) here.write(new Uint8Array(1));
      keepBusy(1);
      yieldToOthers(goOn);
    };
    yieldToOthers(goOn);
    await done.promise;
    await hearing;
    // With immediates alone the runtime looks every 61 rounds.
    assert(rounds < 40, `heard in round ${rounds}`);
  },
);
