import { assertEquals } from "@std/assert";
import { readConfig } from "../../../lib/config/config.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Connection, WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const MIB = 2 ** 20;

/** Bytes: two thirds of the limit pause reading, three thirds close connections. */
const LIMIT = 24 * MIB;
const THIRD = 8 * MIB;

/** A handler, the connection that it opens, and its close code. */
function recording(): {
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
    limits: { ...readConfig(() => undefined), closeTimeout: 3000 },
    compression: false,
  });
}

for (const { name } of LISTENERS) {
  for (const sends of [false, true]) {
    testWith(
      NEEDS,
      `${name} listener: a paused connection${
        sends ? " with an unread message" : ""
      } is closed with 1013 when memory is full`,
      async () => {
        const { handler, opened, closed } = recording();
        await using server = listenBoth(service(handler));
        const { port } = server.address[name];
        await using client = await connect(`ws://127.0.0.1:${port}/`);
        const connection = await opened;
        connection.charge(2 * THIRD);
        if (sends) {
          // The server reads the first one and leaves the second one unread.
          for (const text of ["last", "waiting"]) client.send(text);
          const isRead = name === "edge"
            ? () => connection.traffic.messagesReceived === 1
            : () => client.socket.bufferedAmount === 0;
          await eventually(
            () => isRead(),
            "the last message",
          );
        }
        connection.charge(THIRD);
        assertEquals((await within(client.closed, "a CLOSE")).code, 1013);
        assertEquals(await within(closed, "the close"), 1013);
      },
    );
  }
}

testWith(
  NEEDS,
  "frame listener: a client that reads nothing is disconnected when memory is full",
  async () => {
    const { handler, opened, closed } = recording();
    const made = service(handler);
    await using server = listenBoth(made);
    using _client = await RawClient.upgrade(server.address.frame, "/");
    const connection = await opened;
    const chunk = new Uint8Array(30_000);
    // Sends until the system takes no more.
    for (let waiting = -1; connection.bufferedAmount !== waiting;) {
      waiting = connection.bufferedAmount;
      if (waiting === 0) {
        connection.send(chunk);
        waiting = -1;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    connection.charge(LIMIT);
    await within(closed, "the close");
    await eventually(
      () => made.memory.total === 0,
      "the release of its memory",
    );
  },
);
