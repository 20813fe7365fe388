import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../lib/client/frame.ts";
import { connect } from "../integration/support/client.ts";
import { exchange, RawPeer } from "../integration/support/raw.ts";
import { serverTest } from "../integration/support/suite.ts";
import { handshake } from "../integration/support/wire.ts";
import { eventually } from "../integration/support/within.ts";

serverTest(
  "edge listener: a peer that was cut off and stays keeps its address's place until it leaves",
  {
    LOG_LEVEL: "INFO",
    MAX_CONNECTIONS_PER_IP: "2",
    SEND_BUFFER_LIMIT: "1MiB",
    // The timer of the runtime refers to the socket, too.
    IDLE_TIMEOUT: "1",
  },
  async (server) => {
    const address = server.address("edge");
    const status = async () =>
      (await exchange(address, handshake("/ws"))).status;
    const deaf = await RawPeer.upgrade(address, "/ws");
    const message = encodeFrame("binary", new Uint8Array(65536));
    const flooding = (async () => {
      for (;;) await deaf.write(message);
    })().catch(() => {});
    await server.logged("closed with 1006");
    await using busy = await connect(server.url("edge", "/ws"));
    assertEquals(await status(), 429);

    deaf[Symbol.dispose]();
    await flooding;
    await eventually(async () => {
      // Garbage is collected where there is some.
      busy.send(new Uint8Array(2 ** 20));
      await busy.next();
      return await status() === 101 ? true : undefined;
    }, "a place");
  },
);
