import { assert, assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { LISTENERS, suite } from "../support/suite.ts";

const RATE = 40;

for (const { name, capabilities } of LISTENERS) {
  const env = { MESSAGE_RATE: String(RATE) };
  suite(`${name} listener: MESSAGE_RATE`, env, async (server, step) => {
    await step("the messages of one second are echoed at once", async () => {
      await using peer = await connect(server.url(name, "/ws"));
      const start = performance.now();
      for (let i = 0; i < RATE; i++) peer.send(`${i}`);
      for (let i = 0; i < RATE; i++) assertEquals(await peer.next(), `${i}`);
      assert(performance.now() - start < 1000);
    });

    if (capabilities.flowControl) {
      await step(
        "messages above the rate are echoed later, all of them",
        async () => {
          await using peer = await connect(server.url(name, "/ws"));
          const count = RATE + RATE / 2;
          const start = performance.now();
          for (let i = 0; i < count; i++) peer.send(`${i}`);
          for (let i = 0; i < count; i++) {
            assertEquals(await peer.next(), `${i}`);
          }
          const took = performance.now() - start;
          assert(
            took > 450,
            `${took} ms for half a second of messages above the rate`,
          );
          peer.close(1000);
          assertEquals((await peer.closed).code, 1000);
        },
      );
    } else {
      await step("messages above the rate are closed with 1008", async () => {
        await using peer = await connect(server.url(name, "/ws"));
        for (let i = 0; i < 2 * RATE; i++) peer.send(`${i}`);
        assertEquals((await peer.closed).code, 1008);
      });
    }

    await step("other clients are not slowed down", async () => {
      await using busy = await connect(server.url(name, "/ws"));
      for (let i = 0; i < RATE; i++) busy.send("x");
      await using peer = await connect(server.url(name, "/ws"));
      const start = performance.now();
      peer.send("echo");
      assertEquals(await peer.next(), "echo");
      assert(performance.now() - start < 500);
    });
  });
}
