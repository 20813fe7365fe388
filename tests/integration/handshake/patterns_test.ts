import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import type { HttpHandler, Routes } from "../../../lib/routing/router.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Sends the route's path and the parameters of the handshake and of the connection. */
const room: WebSocketHandler = {
  handshake: (_request, { params }) => ({ state: params }),
  open(connection) {
    const { path, params, state } = connection;
    connection.send(JSON.stringify([path, params, state]));
  },
  frame() {},
};

const page: HttpHandler = (_request, { params }) => Response.json(params);
const onBoth: HttpHandler = Object.assign(
  ((request, info) => page(request, info)) as HttpHandler,
  { isOnFrameListener: true },
);

const ROUTES: Routes = {
  "/files/*": room,
  "/rooms/:name": { ...room, GET: onBoth, POST: onBoth },
  "/rooms/lobby": room,
};

for (const { name } of LISTENERS) {
  for (
    const [path, route, params] of [
      ["/rooms/lobby", "/rooms/lobby", {}],
      ["/rooms/a%20b?x=1", "/rooms/:name", { name: "a b" }],
      ["/files/a/b%20c", "/files/*", { "*": "a/b%20c" }],
    ] as const
  ) {
    testWith(
      NEEDS,
      `${name} listener: the WebSocket ${path} is the route ${route}`,
      async () => {
        const service = serviceOf({ router: new Router(ROUTES) });
        await using server = listenBoth(service);
        using client = await RawClient.upgrade(server.address[name], path);
        assertEquals(JSON.parse(await client.text()), [route, params, params]);
      },
    );
  }

  testWith(
    NEEDS,
    `${name} listener: HTTP methods and a WebSocket share a pattern`,
    async () => {
      const service = serviceOf({ router: new Router(ROUTES) });
      await using server = listenBoth(service);
      const { hostname, port } = server.address[name];
      const url = `http://${hostname}:${port}/rooms/kitchen`;
      for (const method of ["GET", "POST"]) {
        const response = await fetch(url, { method });
        assertEquals(await response.json(), { name: "kitchen" });
      }
      const plain = await fetch(url.replace("rooms", "files"));
      assertEquals(plain.status, 426);
      await plain.body?.cancel();
    },
  );
}
