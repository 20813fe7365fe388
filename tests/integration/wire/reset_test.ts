import { assert, assertEquals, assertRejects } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import type { Wire } from "../../../lib/wire.ts";
import { testWith } from "../../permissions.ts";
import type { RawClient } from "../support/raw.ts";
import { NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";
import { frame, OPCODE } from "../support/wire.ts";
import { ascii, dial, serveWire } from "./serve.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Reads to the end; rejects after a reset. */
async function readToEnd({ conn }: RawClient): Promise<number> {
  const buffer = new Uint8Array(65536);
  let count = 0;
  for (let n; (n = await conn.read(buffer)) !== null;) count += n;
  return count;
}

const SITUATIONS: Record<string, (wire: Wire) => Promise<void>> = {
  "at once": () => Promise.resolve(),
  "after a write": (wire) => wire.write(ascii("hello")),
  "after a read of a part": async (wire) => void await wire.read(1),
  "after a write that is not awaited": (wire) => {
    wire.write(ascii("hello"));
    return Promise.resolve();
  },
};

for (const [situation, before] of Object.entries(SITUATIONS)) {
  testWith(NEEDS, `reset sends RST and no FIN ${situation}`, async () => {
    const reset = Promise.withResolvers<boolean>();
    await using running = serveWire(async (wire) => {
      await before(wire);
      reset.resolve(await wire.reset());
      assert(wire.isClosed);
    });
    using client = await dial(running, "unread");
    await assertRejects(
      () => within(readToEnd(client), "the reset"),
      Deno.errors.ConnectionReset,
    );
    assert(await reset.promise);
    await eventually(() => running.service.sessions.size === 0, "the end");
  });
}

testWith(
  NEEDS,
  "a reset during a read ends the read by a PING, which a client answers",
  async () => {
    const reset = Promise.withResolvers<boolean>();
    await using running = serveWire(async (wire) => {
      wire.read().catch(() => {});
      reset.resolve(await wire.reset());
    });
    using client = await dial(running);
    assertEquals((await client.frame()).opcode, OPCODE.ping);
    await client.write(frame(OPCODE.pong));
    await assertRejects(
      () => within(readToEnd(client), "the reset"),
      Deno.errors.ConnectionReset,
    );
    assert(await reset.promise);
  },
);

testWith(
  NEEDS,
  "a reset during a read closes the socket of a client that does not answer",
  async () => {
    const reset = Promise.withResolvers<boolean>();
    await using running = serveWire(async (wire) => {
      wire.read().catch(() => {});
      reset.resolve(await wire.reset());
    });
    using client = await dial(running);
    assertEquals((await client.end()).length, 2);
    assertEquals(await reset.promise, false);
    await eventually(() => running.service.sessions.size === 0, "the end");
  },
);

testWith(
  NEEDS,
  "a reset after FIN closes the connection at once",
  async () => {
    const reset = Promise.withResolvers<boolean>();
    await using running = serveWire(async (wire) => {
      await wire.closeWrite();
      reset.resolve(await wire.reset());
    });
    using client = await dial(running, "unread");
    await reset.promise;
    assertEquals(await readToEnd(client).catch(() => 0), 0);
    await assertRejects(async () => {
      for (;;) await client.write("x");
    });
  },
);
