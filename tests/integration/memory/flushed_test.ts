import { assert, assertEquals, assertRejects } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { serve as serveLibrary } from "../../../lib/mod.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Connection, WebSocketHandler } from "../../../lib/websocket.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const MIB = 2 ** 20;

/** More than the operating system's buffers of a connection hold. */
const MUCH = new Uint8Array(12 * MIB);

function serve(handler: WebSocketHandler, changes: Partial<Service> = {}) {
  const router = new Router({ "/": handler });
  return listenBoth(serviceOf({ router, ...changes }));
}

/** A handler that resolves with its connection. */
function connecting(options: Partial<WebSocketHandler> = {}) {
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const handler: WebSocketHandler = { open: resolve, frame() {}, ...options };
  return { handler, connection: within(promise, "the connection") };
}

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: awaiting flushed() sends 64 MiB within a send buffer limit of 1 MiB`,
    async () => {
      const most = { buffered: 0 };
      const message = new Uint8Array(MIB);
      const limits = { ...serviceOf().limits, sendBufferLimit: MIB };
      await using server = serve({
        async frame(connection) {
          for (let index = 0; index < 64; index++) {
            message[0] = index;
            connection.send(message);
            most.buffered = Math.max(most.buffered, connection.bufferedAmount);
            await connection.flushed();
          }
          connection.close(1000);
        },
      }, { limits });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      await rawClient.write(frame(OPCODE.text, "go"));
      for (let index = 0; index < 64; index++) {
        const { opcode, payload } = await rawClient.frame();
        assertEquals([opcode, payload.length], [OPCODE.binary, MIB]);
        assertEquals(payload[0], index);
      }
      assertEquals(await rawClient.closeCode(), 1000);
      await rawClient.write(closeFrame(1000));
      assert(most.buffered < 2 * MIB, `${most.buffered} bytes waited`);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: flushed() resolves at once if nothing is sent, and in the order of the calls`,
    async () => {
      const { handler, connection: connected } = connecting();
      await using server = serve(handler);
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      const connection = await connected;
      await connection.flushed();

      const order: string[] = [];
      connection.send(MUCH);
      const first = connection.flushed().then(() => order.push("first"));
      connection.send("short");
      const second = connection.flushed().then(() => order.push("second"));
      assertEquals(order, []);
      assertEquals((await rawClient.frame()).payload.length, MUCH.length);
      assertEquals(await rawClient.text(), "short");
      await within(Promise.all([first, second]), "both flushes");
      assertEquals(order, ["first", "second"]);
      assertEquals(connection.bufferedAmount, 0);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: flushed() does not wait for what is sent after the call`,
    async () => {
      const { handler, connection: connected } = connecting();
      await using server = serve(handler);
      const rawClient = await RawClient.upgrade(server.address[name], "/");
      {
        using _ = rawClient;
        const connection = await connected;
        connection.send("short");
        const flushed = connection.flushed();
        connection.send(MUCH);
        await within(flushed, "the flush");
        assert(connection.bufferedAmount > 0);
      }
    },
  );

  testWith(
    NEEDS,
    `${name} listener: flushed() rejects if the client disconnects before it reads`,
    async () => {
      const closed = Promise.withResolvers<void>();
      const { handler, connection: connected } = connecting({
        close: () => closed.resolve(),
      });
      await using server = serve(handler);
      const rawClient = await RawClient.upgrade(server.address[name], "/");
      const connection = await connected;
      connection.send(MUCH);
      const flushed = connection.flushed();
      rawClient[Symbol.dispose]();
      await within(assertRejects(() => flushed, ConnectionClosedError), "it");
      await closed.promise;
      await assertRejects(() => connection.flushed(), ConnectionClosedError);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: flushed() rejects after close(), and a handler may let it pass`,
    async () => {
      using log = new LogCapture("WARN");
      const closed = Promise.withResolvers<void>();
      await using server = serve({
        async frame(connection) {
          connection.close(1000);
          // Not awaited: the rejection has no effect.
          void connection.flushed();
          await connection.flushed();
        },
        close: () => closed.resolve(),
      });
      using rawClient = await RawClient.upgrade(server.address[name], "/");
      await rawClient.write(frame(OPCODE.text, "go"));
      assertEquals(await rawClient.closeCode(), 1000);
      await rawClient.write(closeFrame(1000));
      await closed.promise;
      assertEquals(log.lines, []);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: flushed() rejects if a shutdown ends the connection before the client reads`,
    async () => {
      for (const closesFirst of [false, true]) {
        const { handler, connection: connected } = connecting();
        const server = await serveLibrary({
          routes: { "/": handler },
          host: "127.0.0.1",
          port: 0,
        });
        const rawClient = await RawClient.upgrade(server.addresses[name]!, "/");
        const connection = await connected;
        connection.send(MUCH);
        const flushed = connection.flushed();
        if (closesFirst) connection.close(1000);
        const outcome = server.shutdown({ timeout: 200 });
        await within(assertRejects(() => flushed, ConnectionClosedError), "it");
        assertEquals(await outcome, { inTime: false, cutOff: 1 });
        rawClient[Symbol.dispose]();
      }
    },
  );
}

testWith(
  NEEDS,
  "frame listener: flushed() rejects if abort() ends the connection before the client reads",
  async () => {
    const { handler, connection: connected } = connecting();
    const limits = { ...serviceOf().limits, closeTimeout: 100 };
    await using server = serve(handler, { limits });
    using _client = await RawClient.upgrade(server.address.frame, "/");
    const connection = await connected;
    connection.send(MUCH);
    const flushed = connection.flushed();
    connection.abort();
    await within(assertRejects(() => flushed, ConnectionClosedError), "it");
  },
);
