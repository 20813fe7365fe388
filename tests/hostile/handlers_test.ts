import { assert, assertEquals } from "@std/assert";
import { shutdown } from "../../lib/server/shutdown.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { TestClient } from "../conformance/client.ts";
import { serve } from "../conformance/server.ts";
import { close, serverFrame, text } from "../conformance/wire.ts";
import { repeated, within } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";

const NET = { net: true } as const;

/** A handler whose promise never settles. */
const stuck: WebSocketHandler = { frame: () => new Promise(() => {}) };

testWith(
  NET,
  "a handler that never settles does not keep the connection of a client that has disconnected",
  async () => {
    await using server = serve({
      routes: { "/stuck": stuck },
      limits: { idleTimeout: 200 },
    });
    {
      using client = await TestClient.open(server.address, "/stuck");
      await client.write(text("work"));
      await client.expect(serverFrame("ping", ""));
    }
    const { wasClean } = await server.nextClosed();
    assertEquals(wasClean, false);
  },
);

testWith(
  NET,
  "a handler that never settles does not delay a shutdown",
  async () => {
    await using server = serve({
      routes: { "/stuck": stuck },
      limits: { closeTimeout: 200 },
    });
    using client = await TestClient.open(server.address, "/stuck");
    await client.write(text("work"), close(1000));
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
  "a clock that jumps does not affect IDLE_TIMEOUT",
  repeated(async () => {
    const { now } = Date;
    try {
      await using server = serve({
        limits: { idleTimeout: 400, handshakeTimeout: 300 },
      });
      using client = await TestClient.open(server.address, "/ws");
      for (const jump of [1e12, -1e12]) {
        Date.now = () => now() + jump;
        await client.write(text("still here"));
        await client.expect(serverFrame("text", "still here"));
      }
      await client.expect(serverFrame("ping", ""));
      const { wasClean } = await server.nextClosed();
      assertEquals(wasClean, false);
    } finally {
      Date.now = now;
    }
  }),
);
