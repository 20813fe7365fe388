import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";

const HELLO = "48656c6c6f";

for (const { name, capabilities } of LISTENERS) {
  const env = { CLOSE_TIMEOUT: "60" };
  suite(`${name} listener: /control`, env, async (server, step) => {
    await step("echoes data", async () => {
      await using client = await connect(server.url(name, "/control"));
      client.send("text");
      assertEquals(await client.next(), "text");
      client.send(Uint8Array.of(1, 2));
      assertEquals(await client.next(), Uint8Array.of(1, 2));
    });

    if (capabilities.controlFrames) await reports();
    else await showsCloseOnly();

    async function reports() {
      await step("reports a PING, then sends PONG", async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/control",
        );
        await client.write(frame(OPCODE.ping, "Hello"));
        assertEquals(JSON.parse(await client.text()), {
          opcode: "ping",
          number: 9,
          final: true,
          length: 5,
          payload: HELLO,
        });
        assertEquals(await client.text(OPCODE.pong), "Hello");
      });

      await step("reports a PONG and sends no answer", async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/control",
        );
        await client.write(frame(OPCODE.pong, "Hello"));
        assertEquals(JSON.parse(await client.text()), {
          opcode: "pong",
          number: 10,
          final: true,
          length: 5,
          payload: HELLO,
        });
        await client.write(frame(OPCODE.text, "next"));
        assertEquals(await client.text(), "next");
      });

      await step("reports a CLOSE, then sends CLOSE", async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/control",
        );
        await client.write(closeFrame(3000, "bye"));
        assertEquals(JSON.parse(await client.text()), {
          opcode: "close",
          number: 8,
          final: true,
          length: 5,
          payload: "0bb8627965",
        });
        assertEquals(await client.closeCode(), 3000);
        assertEquals((await client.end()).length, 0);
      });

      await step("reports a CLOSE without a code", async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/control",
        );
        await client.write(frame(OPCODE.close));
        const { opcode, length, payload } = JSON.parse(await client.text());
        assertEquals([opcode, length, payload], ["close", 0, ""]);
        assertEquals(await client.closeCode(), 1005);
      });
    }

    async function showsCloseOnly() {
      await step("the runtime answers PING and hides PONG", async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/control",
        );
        await client.write(frame(OPCODE.pong, "Hello"));
        await client.write(frame(OPCODE.ping, "Hello"));
        assertEquals(await client.text(OPCODE.pong), "Hello");
        await client.write(frame(OPCODE.text, "next"));
        assertEquals(await client.text(), "next");
      });
    }

    await step("logs a CLOSE", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/control"));
      client.close(3000, "bye");
      assertEquals(await client.closed, { code: 3000, reason: "bye" });
      await server.logged("ws_echo_server: Frame len is 5", since);
      await server.logged("ws_echo_server: Packet type: 8", since);
    });

    await step("logs a CLOSE without a code", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/control"));
      client.close();
      assertEquals(await client.closed, { code: 1005, reason: "" });
      await server.logged("ws_echo_server: Frame len is 0", since);
      await server.logged("ws_echo_server: Packet type: 8", since);
    });
  });
}
