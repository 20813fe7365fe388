import { assertEquals } from "@std/assert";
import { readConfig } from "../../../lib/config/config.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Connection, WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { RawPeer } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const MIB = 2 ** 20;

/** Bytes: of a third of the limit, two are tight, and three are full. */
const LIMIT = 24 * MIB;
const THIRD = 8 * MIB;

/** A handler that tells which connections open, and how they end. */
function telling(): {
  handler: WebSocketHandler;
  opened: Promise<Connection>;
  closed: Promise<number>;
} {
  const opened = Promise.withResolvers<Connection>();
  const closed = Promise.withResolvers<number>();
  const handler: WebSocketHandler = {
    open: (connection) => opened.resolve(connection),
    frame() {},
    close: (_, { code }) => closed.resolve(code),
  };
  return { handler, opened: opened.promise, closed: closed.promise };
}

function service(handler: WebSocketHandler) {
  return serviceOf({
    router: new Router({ "/": handler }),
    memory: new MemoryAccount(LIMIT),
    limits: { ...readConfig(() => undefined), closeTimeout: 500 },
    compression: false,
  });
}

for (const { name } of LISTENERS) {
  for (const sends of [false, true]) {
    testWith(
      NEEDS,
      `${name} listener: who is held back${
        sends ? " while a message arrives" : ""
      } and then closed gets 1013`,
      async () => {
        const { handler, opened, closed } = telling();
        await using server = listenBoth(service(handler));
        const { port } = server.address[name];
        await using peer = await connect(`ws://127.0.0.1:${port}/`);
        const connection = await opened;
        connection.charge(2 * THIRD);
        if (sends) {
          // The last one that is read, and one that waits.
          for (const text of ["last", "waiting"]) peer.send(text);
          const isRead = name === "edge"
            ? () => connection.traffic.messagesReceived === 1
            : () => peer.socket.bufferedAmount === 0;
          await eventually(
            () => Promise.resolve(isRead() || undefined),
            "the last message",
          );
        }
        connection.charge(THIRD);
        assertEquals((await within(peer.closed, "a CLOSE")).code, 1013);
        assertEquals(await within(closed, "its end"), 1013);
      },
    );
  }
}

testWith(
  NEEDS,
  "frame listener: who reads nothing and is to give memory back is disconnected",
  async () => {
    const { handler, opened, closed } = telling();
    const made = service(handler);
    await using server = listenBoth(made);
    using _peer = await RawPeer.upgrade(server.address.frame, "/");
    const connection = await opened;
    const chunk = new Uint8Array(30_000);
    // Until the system takes no more.
    for (let waiting = -1; connection.bufferedAmount !== waiting;) {
      waiting = connection.bufferedAmount;
      if (waiting === 0) {
        connection.send(chunk);
        waiting = -1;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    connection.charge(LIMIT);
    await within(closed, "its end");
    await eventually(
      () => Promise.resolve(made.memory.total === 0 || undefined),
      "its memory",
    );
  },
);
