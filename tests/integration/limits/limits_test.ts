import { assert, assertEquals } from "@std/assert";
import { CLIENTS, connect, type Message } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

const LIMIT = 1000;

/** Messages with this number of bytes. */
const KINDS: Readonly<Record<string, (bytes: number) => Message>> = {
  "a text": (bytes) => "x".repeat(bytes),
  "a multi-byte text": (bytes) =>
    "€".repeat(Math.floor(bytes / 3)) + "x".repeat(bytes % 3),
  "a text of 4-byte characters": (bytes) =>
    "😀".repeat(Math.floor(bytes / 4)) + "x".repeat(bytes % 4),
  "a binary message": (bytes) => new Uint8Array(bytes).fill(7),
};

for (const { name, capabilities } of LISTENERS) {
  const env = { MAX_PAYLOAD: String(LIMIT) };
  suite(`${name} listener: MAX_PAYLOAD`, env, async (server, step) => {
    for (const [kind, make] of Object.entries(KINDS)) {
      await step(`${kind} of exactly the limit is echoed`, async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        rawClient.send(make(LIMIT));
        assertEquals(await rawClient.next(), make(LIMIT));
      });

      for (const [client, connect] of Object.entries(CLIENTS)) {
        await step(
          `${kind} of one byte more is closed with 1009 to ${client}`,
          async () => {
            await using rawClient = await connect(server.url(name, "/ws"));
            rawClient.send(make(LIMIT + 1));
            assertEquals((await rawClient.closed).code, 1009);
          },
        );
      }
    }

    await step(
      "a message far above the limit is closed with 1009",
      async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        rawClient.send("x".repeat(4 * 2 ** 20));
        assertEquals((await rawClient.closed).code, 1009);
      },
    );

    await step("the fragments of a message count together", async () => {
      using rawClient = await RawClient.upgrade(server.address(name), "/ws");
      const half = "x".repeat(LIMIT / 2);
      await rawClient.write(frame(OPCODE.text, half, false));
      await rawClient.write(frame(OPCODE.continuation, half, true));
      assertEquals(await rawClient.text(), half + half);
      await rawClient.write(frame(OPCODE.text, half, false));
      await rawClient.write(frame(OPCODE.continuation, half + "x", true));
      assertEquals(await rawClient.closeCode(), 1009);
    });

    await step("a message before one above the limit is echoed", async () => {
      using rawClient = await RawClient.upgrade(server.address(name), "/ws");
      await rawClient.write(
        Uint8Array.of(
          ...frame(OPCODE.text, "before"),
          ...frame(OPCODE.binary, new Uint8Array(LIMIT + 1)),
        ),
      );
      assertEquals(await rawClient.text(), "before");
      assertEquals(await rawClient.closeCode(), 1009);
    });

    await step(
      "messages after one above the limit do not delay the CLOSE",
      async () => {
        using rawClient = await RawClient.upgrade(server.address(name), "/ws");
        const small = frame(OPCODE.text, "behind");
        await rawClient.write(
          Uint8Array.of(
            ...frame(OPCODE.binary, new Uint8Array(LIMIT + 1)),
            ...small,
            ...small,
          ),
        );
        assertEquals(await rawClient.closeCode(), 1009);
      },
    );

    const parts = capabilities.fragments
      ? "the limit does not apply to /ws_partial, which receives parts"
      : "the limit applies to /ws_partial, which receives whole messages";
    await step(parts, async () => {
      await using rawClient = await connect(server.url(name, "/ws_partial"));
      const message = "x".repeat(5 * LIMIT);
      rawClient.send(message);
      if (capabilities.fragments) {
        assert(await rawClient.next() === message, "another text");
      } else {
        assertEquals((await rawClient.closed).code, 1009);
      }
    });

    await step("other clients are not affected", async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      await using other = await connect(server.url(name, "/ws"));
      other.send("x".repeat(LIMIT + 1));
      await other.closed;
      rawClient.send("echo");
      assertEquals(await rawClient.next(), "echo");
    });
  });
}
