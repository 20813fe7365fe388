import { assert, assertEquals } from "@std/assert";
import { connect } from "../../integration/support/client.ts";
import { LISTENERS, suite } from "../../integration/support/suite.ts";

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: steps that send and take messages`,
    {},
    async (server, step) => {
      const open = (plan: string) => connect(server.url(name, `/do/${plan}`));

      await step("text, binary, size and burst send messages", async () => {
        await using client = await open(
          "text:%E2%82%AC/binary:00ff/binary:70000:61/size:3/burst:2:1/close:4000:bye",
        );
        assertEquals(await client.next(), "€");
        assertEquals(await client.next(), Uint8Array.of(0x00, 0xff));
        assertEquals(
          await client.next(),
          new Uint8Array(70_000).fill(0x61),
        );
        assertEquals(await client.next(), "aaa");
        assertEquals(await client.next(), Uint8Array.of(0x61));
        assertEquals(await client.next(), Uint8Array.of(0x61));
        const { code, reason } = await client.closed;
        assertEquals([code, reason], [4000, "bye"]);
      });

      await step("size and binary send up to 16 MiB", async () => {
        await using client = await open(
          "size:16777216/binary:16777216:00/text:end",
        );
        assertEquals((await client.next()).length, 2 ** 24);
        assertEquals((await client.next()).length, 2 ** 24);
        assertEquals(await client.next(), "end");
      });

      await step("burst sends 16 MiB in small messages", async () => {
        await using client = await open("burst:4096:4096/text:end");
        for (let i = 0; i < 4096; i++) {
          assertEquals((await client.next()).length, 4096);
        }
        assertEquals(await client.next(), "end");
      });

      await step(
        "echo echoes a number of messages, and the plan continues",
        async () => {
          await using client = await open(
            "echo:2/text:done/await:1/close:1000",
          );
          for (const text of ["one", "two"]) client.send(text);
          assertEquals(await client.next(), "one");
          assertEquals(await client.next(), "two");
          assertEquals(await client.next(), "done");
          client.send("ignored");
          assertEquals((await client.closed).code, 1000);
        },
      );

      await step("echo replies as /ws does", async () => {
        await using client = await open("echo");
        client.send("Trigger async");
        assertEquals(await client.next(), "Async data");
      });

      await step("messages that come during wait are kept", async () => {
        await using client = await open("wait:100/echo");
        client.send("early");
        client.send(Uint8Array.of(1));
        assertEquals(await client.next(), "early");
        assertEquals(await client.next(), Uint8Array.of(1));
      });

      await step(
        "many messages that come during wait keep their order",
        async () => {
          await using client = await open("wait:100/echo");
          const texts = Array.from(
            { length: 200 },
            (_, i) => `${i}`.padEnd(1000),
          );
          for (const text of texts) {
            client.send(text);
          }
          for (const text of texts) assertEquals(await client.next(), text);
        },
      );

      await step("within ends echo, and the plan continues", async () => {
        const start = performance.now();
        await using client = await open("within:100/echo/text:over/close:4000");
        assertEquals(await client.next(), "over");
        assert(performance.now() - start >= 99);
        assertEquals((await client.closed).code, 4000);
      });

      await step("delay delays echoes", async () => {
        await using client = await open("delay:100:1/echo");
        const start = performance.now();
        client.send("late");
        assertEquals(await client.next(), "late");
        assert(performance.now() - start >= 99);
      });

      await step("tick sends its number", async () => {
        await using client = await open("tick:10");
        for (const tick of [1, 2, 3]) {
          assertEquals(JSON.parse(String(await client.next())).tick, tick);
        }
      });

      await step("say-goodbye follows the commands", async () => {
        await using goodbye = await open("say-goodbye");
        goodbye.send("hello");
        goodbye.send("Goodbye");
        assertEquals(await goodbye.next(), "hello");
        assertEquals(await goodbye.next(), "Goodbye");
        assertEquals((await goodbye.closed).code, 1000);
        for (const command of [".close", ".shutdown"]) {
          await using client = await open("say-goodbye");
          client.send(command);
          const { code, reason } = await client.closed;
          assertEquals([code, reason], [1000, command]);
        }
        for (const command of [".closeafter", ".shutdownafter"]) {
          await using client = await open("say-goodbye");
          client.send(command);
          assertEquals(await client.next(), command);
          assertEquals((await client.closed).reason, command);
        }
        await using late = await open("say-goodbye");
        late.send(".receiveMessageAfterClose");
        const text = String(await late.next());
        assert(/^\.receiveMessageAfterClose \d\d:\d\d:\d\d$/.test(text), text);
        assertEquals((await late.closed).code, 1000);
        await using cut = await open("say-goodbye");
        cut.send(".abort");
        assertEquals((await cut.closed).code, name === "frame" ? 1006 : 1011);
      });

      await step("info sends the handshake", async () => {
        await using client = await open("info/text:end?a=b");
        const shown = JSON.parse(String(await client.next()));
        assertEquals(shown.listener, name);
        assertEquals(shown.path, "/do/info/text:end");
        assertEquals(shown.query, [["a", "b"]]);
        assertEquals(await client.next(), "end");
      });

      await step("a plan that is over leaves the connection open", async () => {
        await using client = await open("text:hello");
        assertEquals(await client.next(), "hello");
        client.send("ignored");
        client.close(4000);
        assertEquals((await client.closed).code, 4000);
      });

      await step("sometimes runs its step now and then", async () => {
        const seen = new Set<unknown>();
        for (let i = 0; i < 200 && seen.size < 2; i++) {
          await using client = await open("sometimes:50:text:yes/text:end");
          seen.add(await client.next());
        }
        assertEquals(seen, new Set(["yes", "end"]));
      });

      await step("every runs its step on each n-th connection", async () => {
        const plan = `key:${name}/every:3:text:third/text:end`;
        const firsts: unknown[] = [];
        for (let i = 0; i < 6; i++) {
          await using client = await open(plan);
          firsts.push(await client.next());
        }
        assertEquals(firsts, ["end", "end", "third", "end", "end", "third"]);
      });
    },
  );
}
