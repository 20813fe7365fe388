import { assertEquals } from "@std/assert";
import { exchange, RawClient } from "../../integration/support/raw.ts";
import { serverTest } from "../../integration/support/suite.ts";
import { handshake } from "../../integration/support/wire.ts";

serverTest(
  "a shutdown ends every plan",
  { SHUTDOWN_TIMEOUT: "10", CLOSE_TIMEOUT: "0.5" },
  async (server) => {
    const frame = server.address("frame");
    const edge = server.address("edge");
    const open = [
      "raw:8a00/echo",
      "raw:8a00/wait:3600000/echo",
      "raw:8a00/stall",
      "raw:8a00/no-close/no-pong",
      "raw:8a00/await:close/text:a",
    ];
    const clients = await Promise.all(
      open.map((plan) => RawClient.upgrade(frame, `/do/${plan}`)),
    );
    for (const client of clients) await client.frame();
    const waiting = await Promise.all([
      RawClient.connect(frame, handshake("/do/late:3600000/echo")),
      RawClient.connect(frame, handshake("/do/hang")),
    ]);
    const late = exchange(edge, handshake("/do/late:3600000/echo"));
    // The handshakes have arrived when a later one is answered.
    for (const at of [edge, frame]) {
      assertEquals(
        (await exchange(at, handshake("/do/status:418"))).status,
        418,
      );
    }
    server.signal("SIGTERM");
    for (const [i, client] of clients.entries()) {
      assertEquals(await client.closeCode(), 1001, open[i]);
      assertEquals((await client.end()).length, 0);
    }
    for (const client of waiting) assertEquals((await client.end()).length, 0);
    assertEquals((await late).status, 503);
    for (const client of [...clients, ...waiting]) client[Symbol.dispose]();
    assertEquals((await server.status).code, 0);
  },
);
