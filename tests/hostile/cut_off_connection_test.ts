import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../lib/client/frame.ts";
import { connect } from "../integration/support/client.ts";
import { exchange, RawClient } from "../integration/support/raw.ts";
import { serverTest } from "../integration/support/suite.ts";
import { handshake } from "../integration/support/wire.ts";
import { eventually } from "../integration/support/within.ts";

serverTest(
  "edge listener: a client that exceeds SEND_BUFFER_LIMIT holds its slot until it disconnects",
  {
    LOG_LEVEL: "INFO",
    MAX_CONNECTIONS_PER_IP: "2",
    SEND_BUFFER_LIMIT: "1MiB",
    // The runtime's idle timer also refers to the socket.
    IDLE_TIMEOUT: "1",
  },
  async (server) => {
    const address = server.address("edge");
    const status = async () =>
      (await exchange(address, handshake("/ws"))).status;
    const unread = await RawClient.upgrade(address, "/ws");
    const message = encodeFrame("binary", new Uint8Array(65536));
    const flooding = (async () => {
      for (;;) await unread.write(message);
    })().catch(() => {});
    await server.logged("closed with 1006");
    await using busy = await connect(server.url("edge", "/ws"));
    assertEquals(await status(), 429);

    unread[Symbol.dispose]();
    await flooding;
    await eventually(async () => {
      // Creates garbage, so that V8 collects it.
      busy.send(new Uint8Array(2 ** 20));
      await busy.next();
      return await status() === 101;
    }, "a free connection slot");
  },
);
