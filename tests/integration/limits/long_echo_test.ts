import { assertEquals } from "@std/assert";
import { connect } from "../../../lib/client/mod.ts";
import { serverTest } from "../support/suite.ts";

/** The default of MAX_PAYLOAD and SEND_BUFFER_LIMIT. */
const SIZE = 16 * 2 ** 20;

const FRAGMENT = 65536;

serverTest(
  "frame listener: a message after one of SEND_BUFFER_LIMIT bytes is echoed after it",
  { LOG_LEVEL: "INFO" },
  async (server) => {
    await using client = await connect(server.url("frame", "/ws"));
    const message = new Uint8Array(SIZE).fill(7);
    const sending = (async () => {
      for (let at = 0; at < SIZE; at += FRAGMENT) {
        await client.send(
          at === 0 ? "binary" : "continuation",
          message.subarray(at, at + FRAGMENT),
          { final: at + FRAGMENT >= SIZE },
        );
      }
      await client.send("text", "behind");
    })();
    assertEquals((await client.nextMessage()).payload.length, SIZE);
    assertEquals((await client.nextMessage()).text(), "behind");
    await sending;
  },
);
