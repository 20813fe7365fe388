import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Connection, WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** More than the receive memory that connections share. */
const LENGTH = 6 * 2 ** 20;

/** Sends what arrives to everybody else. */
function hub(): WebSocketHandler {
  const peers = new Set<Connection>();
  return {
    open(connection) {
      peers.add(connection);
    },
    frame(connection, frame) {
      for (const peer of peers) if (peer !== connection) peer.send(frame);
    },
    close(connection) {
      peers.delete(connection);
    },
  };
}

for (const { name } of LISTENERS) {
  for (const perMessageDeflate of [false, true]) {
    const how = perMessageDeflate ? " compressed" : "";
    testWith(
      NEEDS,
      `${name} listener: long messages${how} that other connections send on keep their bytes`,
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
          // What it read the message into is used anew.
          sender.send("short");
          assertEquals(await one.next(), "short");
          assertEquals(await other.next(), "short");
        }
      },
    );
  }
}
