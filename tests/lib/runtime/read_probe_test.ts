import { assert, assertEquals } from "@std/assert";
import { ReadProbe } from "../../../lib/runtime/read_probe.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { eventually } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "../edge/runtime_socket.ts";

Deno.test("ReadProbe finds that reads do not starve where no client sends", async () => {
  const probe = new ReadProbe(() => 0);
  try {
    assertEquals(await probe.isStarving(), false);
  } finally {
    probe.stop();
  }
});

Deno.test("ReadProbe finds that reads do not starve where the event loop was blocked", async () => {
  const probe = new ReadProbe(() => 0);
  try {
    const finding = probe.isStarving();
    const start = performance.now();
    while (performance.now() - start < 300);
    assertEquals(await finding, false);
  } finally {
    probe.stop();
  }
});

Deno.test("ReadProbe.stop() ends a check", async () => {
  const probe = new ReadProbe(() => 0);
  const finding = probe.isStarving();
  probe.stop();
  assertEquals(await finding, false);
});

// When this fails, read_probe.ts can be removed: PINGs use no more than their share.
testWith(
  { net: true, read: true },
  "runtime still spends its reads on clients that flood PINGs",
  async () => {
    await using server = serveSockets(() => {});
    const { hostname, port } = server.addr;
    const clients = await Promise.all(
      [1, 2, 3, 4].map(() => RawClient.upgrade({ hostname, port }, "/")),
    );
    const pings = new Uint8Array(60_000);
    const ping = encodeFrame("ping", "");
    for (let i = 0; i < pings.length; i += ping.length) pings.set(ping, i);
    let isOver = false;
    const floods = clients.map(async (client) => {
      while (!isOver) await client.write(pings);
    });
    const reading = clients.map(async ({ conn }) => {
      const buffer = new Uint8Array(65_536);
      while (await conn.read(buffer) !== null);
    });
    const ended = Promise.allSettled([...floods, ...reading]);
    const probe = new ReadProbe(() => 0);
    try {
      assert(
        await eventually(
          async () => await probe.isStarving() || undefined,
          "a check that finds starving reads",
        ),
      );
    } finally {
      isOver = true;
      probe.stop();
      for (const client of clients) client[Symbol.dispose]();
      await ended;
    }
  },
);
