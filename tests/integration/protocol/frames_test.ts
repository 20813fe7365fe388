import { assertEquals } from "@std/assert";
import { RawPeer } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: /frames`, {}, async (server, step) => {
    const back = capabilities.fragments ? "one by one" : "as one message";
    await step(`fragments come back ${back}`, async () => {
      using peer = await RawPeer.upgrade(server.address(name), "/frames");
      const fragments = [
        frame(OPCODE.text, "one", false),
        frame(OPCODE.continuation, "", false),
        frame(OPCODE.continuation, "two", true),
      ];
      for (const fragment of fragments) await peer.write(fragment);
      const expected = capabilities.fragments
        ? [[1, false, "one"], [0, false, ""], [0, true, "two"]]
        : [[1, true, "onetwo"]];
      for (const item of expected) {
        const { opcode, final, payload } = await peer.frame();
        const text = new TextDecoder().decode(payload);
        assertEquals([opcode, final, text], item);
      }
    });

    await step("PING is answered and CLOSE passed back", async () => {
      using peer = await RawPeer.upgrade(server.address(name), "/frames");
      await peer.write(frame(OPCODE.ping, "Hello"));
      assertEquals(await peer.text(OPCODE.pong), "Hello");
      await peer.write(closeFrame(3000));
      assertEquals(await peer.closeCode(), 3000);
    });
  });
}
