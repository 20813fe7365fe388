import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { RawPeer } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: IDLE_TIMEOUT`,
    { IDLE_TIMEOUT: "1" },
    async (server, step) => {
      for (const which of ["the first", "a later"]) {
        await step(
          `${which} silent peer gets a PING, then is dropped`,
          async () => {
            const since = server.lines.length;
            using peer = await RawPeer.upgrade(server.address(name), "/ws");
            assertEquals((await peer.frame()).opcode, OPCODE.ping);
            await peer.end();
            await server.logged(/Connection of sock \S+ closed/, since);
          },
        );
      }

      await step(
        "a peer that falls silent gets a PING, then is dropped",
        async () => {
          using peer = await RawPeer.upgrade(server.address(name), "/ws");
          const begin = performance.now();
          while (performance.now() - begin < 1500) {
            await peer.write(frame(OPCODE.text, "busy"));
            assertEquals(await peer.text(), "busy");
          }
          assertEquals((await peer.frame()).opcode, OPCODE.ping);
          await peer.end();
        },
      );

      await step("a silent peer that speaks again is not dropped", async () => {
        using peer = await RawPeer.upgrade(server.address(name), "/ws");
        for (let pings = 0; pings < 3; pings++) {
          assertEquals((await peer.frame()).opcode, OPCODE.ping);
          await peer.write(frame(OPCODE.text, "here"));
          assertEquals(await peer.text(), "here");
        }
      });

      await step("a peer that answers stays", async () => {
        using peer = await RawPeer.upgrade(server.address(name), "/ws");
        for (let pings = 0; pings < 3; pings++) {
          const { opcode, payload } = await peer.frame();
          assertEquals(opcode, OPCODE.ping);
          await peer.write(frame(OPCODE.pong, payload));
        }
        await peer.write(frame(OPCODE.text, "still here"));
        assertEquals(await peer.text(), "still here");
      });

      await step("a client that answers by itself stays", async () => {
        await using peer = await connect(server.url(name, "/ws"));
        for (let pings = 0; pings < 3; pings++) await peer.ping();
        peer.send("still here");
        assertEquals(await peer.next(), "still here");
      });
    },
  );

  suite(
    `${name} listener: IDLE_TIMEOUT=off`,
    { IDLE_TIMEOUT: "off" },
    async (server, step) => {
      await step("echoes like any other", async () => {
        await using peer = await connect(server.url(name, "/ws"));
        peer.send("echo");
        assertEquals(await peer.next(), "echo");
      });
    },
  );
}
