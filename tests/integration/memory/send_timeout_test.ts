import { assert, assertEquals, assertRejects } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import type { Limits } from "../../../lib/listener/service.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import { Router } from "../../../lib/routing/router.ts";
import type {
  CloseEventInfo,
  Connection,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const MIB = 2 ** 20;
const MESSAGE = new Uint8Array(MIB);

/** Sends 12 MiB for each message. */
const flood: WebSocketHandler["frame"] = (connection) => {
  for (let count = 0; count < 12; count++) connection.send(MESSAGE);
};

function serve(changes: Partial<WebSocketHandler>, limits: Partial<Limits>) {
  const closed = Promise.withResolvers<CloseEventInfo>();
  const opened = Promise.withResolvers<Connection>();
  const limited: string[] = [];
  const handler: WebSocketHandler = {
    open: opened.resolve,
    frame: flood,
    close: (_connection, event) => closed.resolve(event),
    ...changes,
  };
  const service = serviceOf({
    router: new Router({ "/": handler }),
    limits: {
      ...serviceOf().limits,
      idleTimeout: 0,
      closeTimeout: 100,
      ...limits,
    },
    observer: {
      ...NO_OBSERVER,
      limited: (limit, listener) => void limited.push(`${limit} ${listener}`),
    },
  });
  const server = listenBoth(service);
  return {
    address: server.address,
    limited,
    opened: () => within(opened.promise, "the connection"),
    closed: () => within(closed.promise, "the end of the connection"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: SEND_TIMEOUT ends a connection whose client does not read`,
    async () => {
      await using server = serve({}, { sendTimeout: 200 });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      const start = performance.now();
      await rawClient.write(frame(OPCODE.text, "go"));
      const connection = await server.opened();
      const { code, wasClean } = await server.closed();
      const milliseconds = performance.now() - start;
      assertEquals([code, wasClean], [1006, false]);
      assert(milliseconds >= 200, `${milliseconds} ms`);
      assertEquals(server.limited, [`SEND_TIMEOUT ${name}`]);
      assertEquals(connection.isOpen, false);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: a client that reads on after SEND_TIMEOUT gets everything and 1008`,
    async () => {
      await using server = serve({}, {
        sendTimeout: 200,
        closeTimeout: 10_000,
      });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      await rawClient.write(frame(OPCODE.text, "go"));
      const connection = await server.opened();
      while (connection.isOpen) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (let count = 0; count < 12; count++) {
        assertEquals((await rawClient.frame()).payload.length, MIB);
      }
      assertEquals(await rawClient.closeCode(), 1008);
      await rawClient.write(closeFrame(1008));
    },
  );

  testWith(
    NEEDS,
    `${name} listener: a client that reads slowly makes progress`,
    async () => {
      await using server = serve({}, { sendTimeout: 2000 });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      await rawClient.write(frame(OPCODE.text, "go"));
      const start = performance.now();
      for (let count = 0; count < 12; count++) {
        assertEquals((await rawClient.frame()).payload.length, MIB);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      // Longer than SEND_TIMEOUT.
      assert(performance.now() - start > 2000);
      assertEquals(server.limited, []);
      await rawClient.write(closeFrame(1000));
      assertEquals(await rawClient.closeCode(), 1000);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: SEND_TIMEOUT ends a flush`,
    async () => {
      const flushed = Promise.withResolvers<void>();
      await using server = serve({
        frame(connection, frame) {
          flood(connection, frame);
          flushed.resolve(connection.flushed());
        },
      }, { sendTimeout: 200 });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      await rawClient.write(frame(OPCODE.text, "go"));
      await within(
        assertRejects(() => flushed.promise, ConnectionClosedError),
        "the rejection",
      );
      await server.closed();
    },
  );
}

testWith(
  NEEDS,
  "frame listener: SEND_TIMEOUT ends a connection that waits to close after its output",
  async () => {
    await using server = serve({
      frame(connection, frame) {
        flood(connection, frame);
        connection.close(1000);
      },
    }, { sendTimeout: 200, closeTimeout: 60_000 });
    using rawClient = await RawClient.upgrade(server.address.frame, "/");
    await rawClient.write(frame(OPCODE.text, "go"));
    assertEquals((await server.closed()).code, 1006);
    assertEquals(server.limited, []);
  },
);
