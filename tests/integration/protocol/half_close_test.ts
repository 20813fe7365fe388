import { assertEquals } from "@std/assert";
import { RawPeer } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, handshake, OPCODE } from "../support/wire.ts";

/**
 * Sends all parts and a FIN, as `printf … | ncat` does. The service is stopped
 * meanwhile, so that it reads everything at once.
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

// Windows cannot stop a process.
for (const { name } of Deno.build.os === "windows" ? [] : LISTENERS) {
  suite(
    `${name} listener: a client that sends a FIN after its request`,
    { LOG_LEVEL: "INFO" },
    async (server, step) => {
      await step("gets its 101 and the first message", async () => {
        using peer = await halfClosed(
          server,
          name,
          handshake("/ws?hello=welcome"),
        );
        assertEquals((await peer.response()).status, 101);
        assertEquals(await peer.text(), "welcome");
        await peer.end();
      });

      await step("gets the echoes of its messages", async () => {
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

      await step("is logged as closed once", async () => {
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
