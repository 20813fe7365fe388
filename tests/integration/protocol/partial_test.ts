import { assert, assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { RawClient, type RawFrame } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

/** The length of a message and of the fragments of its echo. */
const PARTS: readonly [length: number, parts: readonly number[]][] = [
  [0, [0]],
  [1, [1]],
  [63, [63]],
  [64, [64]],
  [65, [64, 1]],
  [128, [64, 64]],
  [200, [64, 64, 64, 8]],
];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: /ws_partial`, {}, async (server, step) => {
    /** The lengths of the echo's frames: fragments, or one message. */
    const expected = (parts: readonly number[]) =>
      capabilities.fragments
        ? parts
        : [parts.reduce((sum, part) => sum + part, 0)];

    for (const opcode of [OPCODE.text, OPCODE.binary]) {
      for (const [length, parts] of PARTS) {
        const sizes = expected(parts);
        const title = `opcode ${opcode}, ${length} bytes: ${sizes.join("+")}`;
        await step(title, async () => {
          using client = await RawClient.upgrade(
            server.address(name),
            "/ws_partial",
          );
          const message = payload(length);
          await client.write(frame(opcode, message));
          const frames = await readMessage(client);
          assertEquals(frames.map(({ payload }) => payload.length), sizes);
          assertEquals(
            frames.map(({ opcode }) => opcode),
            sizes.map((_, i) => i === 0 ? opcode : OPCODE.continuation),
          );
          assertEquals(
            frames.flatMap(({ payload }) => [...payload]),
            [...message],
          );
        });
      }
    }

    await step(
      "parts of a fragmented message cross its fragments",
      async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/ws_partial",
        );
        await client.write(frame(OPCODE.text, payload(50), false));
        await client.write(frame(OPCODE.continuation, payload(50), false));
        await client.write(frame(OPCODE.continuation, payload(50)));
        const frames = await readMessage(client);
        assertEquals(
          frames.map(({ payload }) => payload.length),
          expected([64, 64, 22]),
        );
      },
    );

    await step("a code point across two parts", async () => {
      await using client = await connect(server.url(name, "/ws_partial"));
      const text = "x".repeat(62) + "😀".repeat(20);
      client.send(text);
      assertEquals(await client.next(), text);
    });

    await step("a text of 1 MiB and the message after it", async () => {
      await using client = await connect(server.url(name, "/ws_partial"));
      const text = "0123456789abcdef".repeat(2 ** 16);
      client.send(text);
      client.send("next");
      assert(await client.next() === text, "another text");
      assertEquals(await client.next(), "next");
    });

    await step("messages are echoed one after the other", async () => {
      await using client = await connect(server.url(name, "/ws_partial"));
      const messages = ["a".repeat(150), "b".repeat(70), "c"];
      for (const message of messages) client.send(message);
      for (const message of messages) {
        assertEquals(await client.next(), message);
      }
    });

    await step("a PING is answered", async () => {
      await using client = await connect(server.url(name, "/ws_partial"));
      client.socket.ping("payload");
      assertEquals(await client.pong(), "payload");
    });
  });
}

/** ASCII, which is valid as text and as binary. */
function payload(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 33 + i % 90);
}

/** Reads frames up to the one with FIN. */
async function readMessage(client: RawClient): Promise<RawFrame[]> {
  const frames: RawFrame[] = [];
  do {
    frames.push(await client.frame());
  } while (!frames.at(-1)!.final);
  return frames;
}
