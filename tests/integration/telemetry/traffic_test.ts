import { assertEquals } from "@std/assert";
import { frames } from "../../../handlers/frames/frames.ts";
import { echo } from "../../../handlers/echo/echo.ts";
import { echoPartial } from "../../../handlers/echo/echo_partial.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import type { Connection, Traffic } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect, type WsClient } from "../support/client.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Receives messages until they have this number of bytes. */
async function receive(client: WsClient, bytes: number): Promise<void> {
  let taken = 0;
  while (taken < bytes) {
    const message = await client.next();
    taken += typeof message === "string"
      ? new TextEncoder().encode(message).length
      : message.length;
  }
}

const MESSAGES: readonly (string | Uint8Array)[] = [
  "ten bytes.",
  "",
  "€uro",
  new Uint8Array(300),
  "x".repeat(70_000),
];
const BYTES = 10 + 0 + 6 + 300 + 70_000;
const ALL: Traffic = {
  messagesReceived: 5,
  bytesReceived: BYTES,
  messagesSent: 5,
  bytesSent: BYTES,
};

for (const { name } of LISTENERS) {
  for (const path of ["/ws", "/ws_partial", "/frames"]) {
    for (const perMessageDeflate of [false, true]) {
      const how = perMessageDeflate ? ", offered compression" : "";
      testWith(
        NEEDS,
        `${name} listener: traffic counts messages and payload bytes on ${path}${how}`,
        async () => {
          const sessions = new Sessions(1);
          await using server = listenBoth(serviceOf({
            sessions,
            router: new Router({
              "/ws": echo,
              "/ws_partial": echoPartial,
              "/frames": frames,
            }),
          }));
          const { port } = server.address[name];
          const before = Date.now();
          await using client = await connect(`ws://127.0.0.1:${port}${path}`, {
            options: { perMessageDeflate },
          });
          const [connection] = sessions.list() as Iterable<Connection>;
          assertEquals(connection!.path, path);
          const age = Date.now() - connection!.openedAt;
          assertEquals(age >= 0 && age <= Date.now() - before, true);
          assertEquals(connection!.traffic, {
            messagesReceived: 0,
            bytesReceived: 0,
            messagesSent: 0,
            bytesSent: 0,
          });
          for (const message of MESSAGES) client.send(message);
          await receive(client, BYTES);
          assertEquals(connection!.traffic, ALL);
          client.socket.ping("no message");
          await client.pong();
          assertEquals(connection!.traffic, ALL);
        },
      );
    }
  }
}
