import { assert, assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { inOneAttempt } from "../support/within.ts";

const RATE = 40;

for (const { name, capabilities } of LISTENERS) {
  const env = { MESSAGE_RATE: String(RATE) };
  suite(`${name} listener: MESSAGE_RATE`, env, async (server, step) => {
    await step("the messages of one second are echoed at once", async () => {
      await inOneAttempt(async () => {
        await using client = await connect(server.url(name, "/ws"));
        const start = performance.now();
        for (let i = 0; i < RATE; i++) client.send(`${i}`);
        for (let i = 0; i < RATE; i++) {
          assertEquals(await client.next(), `${i}`);
        }
        assert(performance.now() - start < 900);
      });
    });

    if (capabilities.flowControl) {
      await step(
        "messages above the rate are echoed later, all of them",
        async () => {
          await using client = await connect(server.url(name, "/ws"));
          const count = RATE + RATE / 2;
          const start = performance.now();
          for (let i = 0; i < count; i++) client.send(`${i}`);
          for (let i = 0; i < count; i++) {
            assertEquals(await client.next(), `${i}`);
          }
          const took = performance.now() - start;
          assert(
            took > 450,
            `${took} ms for half a second of messages above the rate`,
          );
          client.close(1000);
          assertEquals((await client.closed).code, 1000);
        },
      );
    } else {
      await step("messages above the rate are closed with 1008", async () => {
        await using client = await connect(server.url(name, "/ws"));
        for (let i = 0; i < 20 * RATE; i++) client.send(`${i}`);
        assertEquals((await client.closed).code, 1008);
      });
    }

    await step("other clients are not slowed down", async () => {
      await inOneAttempt(async () => {
        await using busy = await connect(server.url(name, "/ws"));
        for (let i = 0; i < RATE; i++) busy.send("x");
        await using client = await connect(server.url(name, "/ws"));
        const start = performance.now();
        client.send("echo");
        assertEquals(await client.next(), "echo");
        assert(performance.now() - start < 500);
      });
    });
  });
}
