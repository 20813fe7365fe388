import { assertEquals } from "@std/assert";
import { RawClient } from "../support/raw.ts";
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
): Promise<RawClient> {
  server.signal("SIGSTOP");
  try {
    const rawClient = await RawClient.connect(server.address(name));
    for (const part of parts) await rawClient.write(part);
    await rawClient.conn.closeWrite();
    return rawClient;
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
        using rawClient = await halfClosed(
          server,
          name,
          handshake("/ws?hello=welcome"),
        );
        assertEquals((await rawClient.response()).status, 101);
        assertEquals(await rawClient.text(), "welcome");
        await rawClient.end();
      });

      await step("gets the echoes of its messages", async () => {
        using rawClient = await halfClosed(
          server,
          name,
          handshake("/ws"),
          frame(OPCODE.text, "first"),
          frame(OPCODE.text, "last"),
        );
        assertEquals((await rawClient.response()).status, 101);
        assertEquals(await rawClient.text(), "first");
        assertEquals(await rawClient.text(), "last");
        await rawClient.end();
      });

      await step("is logged as closed once", async () => {
        const since = server.lines.length;
        using rawClient = await halfClosed(server, name, handshake("/ws"));
        await rawClient.end();
        const line = await server.logged(/sock \S+ closed with 1006/, since);
        const [id] = /sock \S+/.exec(line)!;
        const ends = server.lines.filter((line) =>
          line.includes(`Connection of ${id} closed`)
        );
        assertEquals(ends.length, 1);
      });

      await step("gets its refusal", async () => {
        using rawClient = await halfClosed(
          server,
          name,
          handshake("/ws", { "Sec-WebSocket-Version": "8" }),
        );
        assertEquals((await rawClient.response()).status, 426);
      });
    },
  );
}
