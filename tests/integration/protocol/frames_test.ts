import { assertEquals } from "@std/assert";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: /frames`, {}, async (server, step) => {
    const back = capabilities.fragments ? "one by one" : "as one message";
    await step(`fragments come back ${back}`, async () => {
      using client = await RawClient.upgrade(server.address(name), "/frames");
      const fragments = [
        frame(OPCODE.text, "one", false),
        frame(OPCODE.continuation, "", false),
        frame(OPCODE.continuation, "two", true),
      ];
      for (const fragment of fragments) await client.write(fragment);
      const expected = capabilities.fragments
        ? [[1, false, "one"], [0, false, ""], [0, true, "two"]]
        : [[1, true, "onetwo"]];
      for (const item of expected) {
        const { opcode, final, payload } = await client.frame();
        const text = new TextDecoder().decode(payload);
        assertEquals([opcode, final, text], item);
      }
    });

    await step("PING is answered and CLOSE passed back", async () => {
      using client = await RawClient.upgrade(server.address(name), "/frames");
      await client.write(frame(OPCODE.ping, "Hello"));
      assertEquals(await client.text(OPCODE.pong), "Hello");
      await client.write(closeFrame(3000));
      assertEquals(await client.closeCode(), 3000);
    });
  });
}
