import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

const MIB = 2 ** 20;

/** Three messages of 14 MiB reach half of the limit, four reach three quarters. */
const env = { MEMORY_LIMIT: "64MiB", LOG_LEVEL: "INFO" };

const CLOSED =
  /Sock \S+ is closed: it holds \d+ bytes, and MEMORY_LIMIT is near/;

/** Checks that a new client is served. */
async function assertServes(server: Server, listener: string): Promise<void> {
  await using honest = await connect(server.url(listener, "/ws"));
  honest.send("echo");
  assertEquals(await honest.next(), "echo");
}

suite("edge listener: MEMORY_LIMIT", env, async (server, step) => {
  await step(
    "clients that read nothing are closed below the limit",
    async () => {
      const message = frame(OPCODE.binary, new Uint8Array(14 * MIB));
      using clients = new DisposableStack();
      for (let i = 0; i < 4; i++) {
        const client = clients.use(
          await RawClient.upgrade(server.address("edge"), "/ws"),
        );
        await client.write(message);
      }
      await server.logged(CLOSED);
      await assertServes(server, "edge");
    },
  );
});

suite("frame listener: MEMORY_LIMIT", env, async (server, step) => {
  const address = server.address("frame");

  await step(
    "the connection with the longest unfinished message is closed with 1013",
    async () => {
      const start = encodeFrame("binary", new Uint8Array(8 * MIB), {
        final: false,
      });
      using clients = new DisposableStack();
      const since = server.lines.length;
      const writing: Promise<void>[] = [];
      const opened: RawClient[] = [];
      for (let i = 0; i < 8; i++) {
        const client = clients.use(await RawClient.upgrade(address, "/ws"));
        opened.push(client);
        // The server stops reading from some of them.
        writing.push(client.write(start).catch(() => {}));
      }
      await server.logged(CLOSED, since);
      await assertServes(server, "frame");
      clients.dispose();
      await Promise.all(writing);
      // The server notices the end of a client that it does not read from later.
      const closed = /Connection of sock \S+ closed/;
      const count = () =>
        server.lines.slice(since).filter((line) => closed.test(line)).length;
      // That of `assertServes` ends, too.
      while (count() < opened.length + 1) {
        await server.logged(closed, server.lines.length);
      }
    },
  );

  await step(
    "a message of MAX_PAYLOAD bytes is echoed afterwards",
    async () => {
      await using client = await connect(server.url("frame", "/ws"));
      const message = new Uint8Array(16 * MIB).fill(7);
      client.send(message);
      assertEquals(await client.next(), message);
    },
  );
});
