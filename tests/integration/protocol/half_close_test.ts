import { assertEquals } from "@std/assert";
import { RawPeer } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, handshake, OPCODE } from "../support/wire.ts";

/**
 * What `printf … | ncat` does: sends everything, then ends its output. The service
 * stands still meanwhile, so that it sees all of that at once.
 */
async function halfClosed(
  server: Server,
  name: string,
  ...parts: (string | Uint8Array)[]
): Promise<RawPeer> {
  server.signal("SIGSTOP");
  try {
    const peer = await RawPeer.connect(server.address(name));
    for (const part of parts) await peer.write(part);
    await peer.conn.closeWrite();
    return peer;
  } finally {
    server.signal("SIGCONT");
  }
}

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: a client that ends its output behind its request`,
    { LOG_LEVEL: "INFO" },
    async (server, step) => {
      await step("gets its 101, and what is sent at once", async () => {
        using peer = await halfClosed(
          server,
          name,
          handshake("/ws?hello=welcome"),
        );
        assertEquals((await peer.response()).status, 101);
        assertEquals(await peer.text(), "welcome");
        await peer.end();
      });

      await step("gets the echo of what it sent before", async () => {
        using peer = await halfClosed(
          server,
          name,
          handshake("/ws"),
          frame(OPCODE.text, "first"),
          frame(OPCODE.text, "last"),
        );
        assertEquals((await peer.response()).status, 101);
        assertEquals(await peer.text(), "first");
        assertEquals(await peer.text(), "last");
        await peer.end();
      });

      await step("is logged with one end", async () => {
        const since = server.lines.length;
        using peer = await halfClosed(server, name, handshake("/ws"));
        await peer.end();
        const line = await server.logged(/sock \S+ closed with 1006/, since);
        const [id] = /sock \S+/.exec(line)!;
        const ends = server.lines.filter((line) =>
          line.includes(`Connection of ${id} closed`)
        );
        assertEquals(ends.length, 1);
      });

      await step("gets its refusal", async () => {
        using peer = await halfClosed(
          server,
          name,
          handshake("/ws", { "Sec-WebSocket-Version": "8" }),
        );
        assertEquals((await peer.response()).status, 426);
      });
    },
  );
}
