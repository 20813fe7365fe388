import { assert, assertEquals } from "@std/assert";
import { Peer } from "../conformance/client.ts";
import { serve } from "../conformance/server.ts";
import { close, served, text } from "../conformance/wire.ts";
import { shutdown } from "../../lib/server/shutdown.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { within } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";

const NET = { net: true } as const;

/** A handler that never comes to an end. */
const stuck: WebSocketHandler = { frame: () => new Promise(() => {}) };

testWith(
  NET,
  "a handler that never settles does not keep a peer that has left",
  async () => {
    await using server = serve({
      routes: { "/stuck": stuck },
      limits: { idleTimeout: 200 },
    });
    {
      using peer = await Peer.open(server.address, "/stuck");
      await peer.write(text("work"));
      await peer.expect(served("ping", ""));
    }
    const { wasClean } = await server.nextClosed();
    assertEquals(wasClean, false);
  },
);

testWith(
  NET,
  "a handler that never settles does not hold a shutdown up",
  async () => {
    await using server = serve({
      routes: { "/stuck": stuck },
      limits: { closeTimeout: 200 },
    });
    using peer = await Peer.open(server.address, "/stuck");
    await peer.write(text("work"), close(1000));
    const ended = { shutdown: async () => void await server.ended() };
    const inTime = await within(
      shutdown(server.service, [ended], 10_000),
      "the shutdown",
    );
    assert(inTime, "it was not over in time");
    assertEquals(server.closed.length, 1);
  },
);

testWith(
  NET,
  "a clock that jumps closes nobody and keeps nobody",
  async () => {
    const { now } = Date;
    try {
      await using server = serve({
        limits: { idleTimeout: 400, handshakeTimeout: 300 },
      });
      using peer = await Peer.open(server.address, "/ws");
      for (const jump of [1e12, -1e12]) {
        Date.now = () => now() + jump;
        await peer.write(text("still here"));
        await peer.expect(served("text", "still here"));
      }
      // The silence is measured all the same.
      await peer.expect(served("ping", ""));
      const { wasClean } = await server.nextClosed();
      assertEquals(wasClean, false);
    } finally {
      Date.now = now;
    }
  },
);
