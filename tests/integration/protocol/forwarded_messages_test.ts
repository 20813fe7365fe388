import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Connection, WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** More bytes than the receive buffer that connections share. */
const LENGTH = 6 * 2 ** 20;

/** Forwards each message to the other connections. */
function hub(): WebSocketHandler {
  const clients = new Set<Connection>();
  return {
    open(connection) {
      clients.add(connection);
    },
    frame(connection, frame) {
      for (const client of clients) {
        if (client !== connection) client.send(frame);
      }
    },
    close(connection) {
      clients.delete(connection);
    },
  };
}

for (const { name } of LISTENERS) {
  for (const perMessageDeflate of [false, true]) {
    const how = perMessageDeflate ? " compressed" : "";
    testWith(
      NEEDS,
      `${name} listener: long messages${how} keep their bytes when other connections forward them`,
      async () => {
        await using server = listenBoth(serviceOf({
          router: new Router({ "/hub": hub() }),
        }));
        const url = `ws://127.0.0.1:${server.address[name].port}/hub`;
        const options = { perMessageDeflate };
        await using sender = await connect(url, { options });
        await using one = await connect(url, { options });
        await using other = await connect(url, { options });
        for (const value of [7, 8]) {
          const message = new Uint8Array(LENGTH).fill(value);
          sender.send(message);
          assertEquals(await one.next() as Uint8Array, message);
          assertEquals(await other.next() as Uint8Array, message);
          // The short message overwrites the receive buffer.
          sender.send("short");
          assertEquals(await one.next(), "short");
          assertEquals(await other.next(), "short");
        }
      },
    );
  }
}
