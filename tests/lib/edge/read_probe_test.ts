import { assert, assertEquals } from "@std/assert";
import { ReadProbe } from "../../../lib/edge/read_probe.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { RawPeer } from "../../integration/raw.ts";
import { eventually } from "../../integration/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "./runtime_socket.ts";

Deno.test("ReadProbe finds that reads do not starve where no client sends", async () => {
  const probe = new ReadProbe();
  try {
    assertEquals(await probe.isStarving(), false);
    assertEquals(probe.isLate(), false);
  } finally {
    probe.stop();
  }
});

Deno.test("ReadProbe finds that reads do not starve where the event loop was blocked", async () => {
  const probe = new ReadProbe();
  try {
    const finding = probe.isStarving();
    const start = performance.now();
    while (performance.now() - start < 300);
    assertEquals(await finding, false);
  } finally {
    probe.stop();
  }
});

Deno.test("ReadProbe.stop() ends a look", async () => {
  const probe = new ReadProbe();
  const finding = probe.isStarving();
  probe.stop();
  assertEquals(await finding, false);
});

testWith(
  { net: true, read: true },
  "ReadProbe finds that reads starve while clients flood PINGs",
  async () => {
    await using server = serveSockets(() => {});
    const { hostname, port } = server.addr;
    const peers = await Promise.all(
      [1, 2, 3, 4].map(() => RawPeer.upgrade({ hostname, port }, "/")),
    );
    const pings = new Uint8Array(60_000);
    const ping = encodeFrame("ping", "");
    for (let i = 0; i < pings.length; i += ping.length) pings.set(ping, i);
    let isOver = false;
    const floods = peers.map(async (peer) => {
      while (!isOver) await peer.write(pings);
    });
    const reading = peers.map(async ({ conn }) => {
      const buffer = new Uint8Array(65_536);
      while (await conn.read(buffer) !== null);
    });
    const ended = Promise.allSettled([...floods, ...reading]);
    const probe = new ReadProbe();
    try {
      assert(
        await eventually(
          async () => await probe.isStarving() || undefined,
          "a look at which reads starve",
        ),
      );
    } finally {
      isOver = true;
      probe.stop();
      for (const peer of peers) peer[Symbol.dispose]();
      await ended;
    }
  },
);
