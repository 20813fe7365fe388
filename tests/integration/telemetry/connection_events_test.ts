import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { closeFrame } from "../support/wire.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** A service that records the calls of its callbacks and of its handler. */
function recording() {
  const calls: string[] = [];
  const ended = Promise.withResolvers<void>();
  const handler: WebSocketHandler = {
    open: () => void calls.push("open"),
    frame() {},
    close: () => void calls.push("close"),
  };
  const service: Service = serviceOf({
    router: new Router({ "/rooms/:name": handler }),
    onConnection({ id, listener, path, params, isOpen }) {
      const isSession = service.sessions.get(id) !== undefined;
      const { name } = params;
      calls.push(`begin ${listener} ${path} ${name} ${isOpen} ${isSession}`);
    },
    onDisconnection({ id, isOpen }, { code, reason, wasClean }) {
      const isSession = service.sessions.get(id) !== undefined;
      calls.push(`end ${code} "${reason}" ${wasClean} ${isOpen} ${isSession}`);
      ended.resolve();
    },
  });
  return {
    service,
    calls,
    ended: () => within(ended.promise, "onDisconnection"),
  };
}

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: onConnection() comes before open(), onDisconnection() after close()`,
    async () => {
      const { service, calls, ended } = recording();
      await using server = listenBoth(service);
      using client = await RawClient.upgrade(server.address[name], "/rooms/a");
      await client.write(closeFrame(3000, "bye"));
      assertEquals(await client.closeCode(), 3000);
      await ended();
      assertEquals(calls, [
        `begin ${name} /rooms/:name a true true`,
        "open",
        "close",
        'end 3000 "bye" true false false',
      ]);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: onDisconnection() gets 1006 for an end without CLOSE`,
    async () => {
      const { service, calls, ended } = recording();
      await using server = listenBoth(service);
      const client = await RawClient.upgrade(server.address[name], "/rooms/a");
      client[Symbol.dispose]();
      await ended();
      assertEquals(calls.at(-1), 'end 1006 "" false false false');
    },
  );

  testWith(
    NEEDS,
    `${name} listener: a refused handshake calls neither`,
    async () => {
      const { service, calls } = recording();
      await using server = listenBoth(service);
      using client = await RawClient.connect(
        server.address[name],
        "GET /rooms/a HTTP/1.1\r\nHost: a\r\n\r\n",
      );
      assertEquals((await client.response()).status, 426);
      assertEquals(calls, []);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: errors of both are logged and have no other effect`,
    async () => {
      using log = new LogCapture("ERROR");
      const ended = Promise.withResolvers<void>();
      const service = serviceOf({
        router: new Router({
          "/": { open: (connection) => connection.send("open"), frame() {} },
        }),
        onConnection() {
          throw new Error("a fault of the test");
        },
        onDisconnection() {
          ended.resolve();
          return Promise.reject(new Error("another fault"));
        },
      });
      await using server = listenBoth(service);
      using client = await RawClient.upgrade(server.address[name], "/");
      assertEquals(await client.text(), "open");
      await client.write(closeFrame(1000));
      assertEquals(await client.closeCode(), 1000);
      await within(ended.promise, "onDisconnection");
      await Promise.resolve();
      assertEquals(log.lines.map((line) => line.split("\n")[0]), [
        "ERROR httpd_ws: onConnection failed: Error: a fault of the test",
        "ERROR httpd_ws: onDisconnection failed: Error: another fault",
      ]);
    },
  );
}
