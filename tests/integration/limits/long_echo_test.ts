import { assertEquals } from "@std/assert";
import { ClientConnection } from "../../../lib/client/connection.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { serverTest } from "../support/suite.ts";

/** The default of MAX_PAYLOAD and SEND_BUFFER_LIMIT. */
const SIZE = 16 * 2 ** 20;

const FRAGMENT = 65536;

serverTest(
  "frame listener: a message after one of SEND_BUFFER_LIMIT bytes is echoed after it",
  { LOG_LEVEL: "INFO" },
  async (server) => {
    using client = await ClientConnection.open(server.url("frame", "/ws"));
    const message = new Uint8Array(SIZE).fill(7);
    const sending = (async () => {
      for (let at = 0; at < SIZE; at += FRAGMENT) {
        await client.write(
          encodeFrame(
            at === 0 ? "binary" : "continuation",
            message.subarray(at, at + FRAGMENT),
            { final: at + FRAGMENT >= SIZE },
          ),
        );
      }
      await client.write(encodeFrame("text", "behind"));
    })();
    const first = await client.dataOrClose();
    assertEquals(first?.payload.length, SIZE);
    const second = await client.dataOrClose();
    assertEquals(new TextDecoder().decode(second?.payload), "behind");
    await sending;
  },
);
