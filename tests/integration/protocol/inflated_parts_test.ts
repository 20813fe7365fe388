import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { NEEDS } from "../support/suite.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Compressed, the message arrives in one read; inflated, it takes many turns of the scheduler. */
const LENGTH = 8 * 2 ** 20;

/** Echoes each part of a message as a fragment. */
function partByPart(maxPart: number): WebSocketHandler {
  let isFirst = true;
  return {
    receive: "part",
    maxPart,
    compressionThreshold: Infinity,
    frame(connection, { payload, final }) {
      const opcode = isFirst ? "binary" : "continuation";
      isFirst = final;
      connection.send(payload.slice(), { opcode, final });
    },
  };
}

for (const maxPart of [512, 16 * 1024, 64 * 1024]) {
  testWith(
    NEEDS,
    `frame listener: a compressed message is echoed in parts of ${maxPart} bytes`,
    async () => {
      await using server = listenBoth(serviceOf({
        router: new Router({ "/parts": partByPart(maxPart) }),
      }));
      const url = `ws://127.0.0.1:${server.address.frame.port}/parts`;
      const options = { perMessageDeflate: true };
      await using client = await connect(url, { options });
      const message = new Uint8Array(LENGTH).fill(1);
      client.send(message);
      assertEquals(await client.next() as Uint8Array, message);
    },
  );
}
