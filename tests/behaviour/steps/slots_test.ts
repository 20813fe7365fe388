import { assertEquals } from "@std/assert";
import { reply } from "../../../handlers/echo/echo.ts";
import { FAULTS } from "../../../handlers/script/faults/table.ts";
import { scriptRoutes } from "../../../handlers/script/routes.ts";
import { STEPS } from "../../../handlers/script/steps/table.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import { resetConn } from "../../../lib/runtime/reset_conn.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { NEEDS } from "../../integration/support/suite.ts";
import { closeFrame, handshake } from "../../integration/support/wire.ts";
import { eventually } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Every named plan, and the example of every step. */
const PATHS = [
  ...[...FAULTS.keys()].map((name) => `/fault/${name}`),
  ...STEPS.map(({ example }) => `/do/${example}`),
];

/** Offers what a plan may need. */
const OFFERS = {
  "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  "Sec-WebSocket-Protocol": "a, b",
};

/** What clients do after their request; the socket is closed behind it. */
const ENDS: Readonly<Record<string, (client: RawClient) => unknown>> = {
  FIN() {},
  RST: (client) => resetConn(client.conn),
  CLOSE: (client) => client.write(closeFrame(1000)),
  // A plan sees FIN, so the server ends the connection.
  "half-close": async (client) => {
    await client.conn.closeWrite();
    await client.end();
  },
  "CLOSE and half-close": async (client) => {
    await client.write(closeFrame(1000));
    await client.conn.closeWrite();
    await client.end();
  },
};

for (const [end, leave] of Object.entries(ENDS)) {
  // The sanitizers detect sockets and timers that are left.
  testWith(
    NEEDS,
    `frame listener: no plan keeps the slot of a client that ends with ${end}`,
    async () => {
      const memory = new MemoryAccount(2 ** 30);
      const service = serviceOf({
        memory,
        router: new Router(scriptRoutes({
          reply,
          sendBufferLimit: 2 ** 20,
          closeTimeout: 500,
          listeners: () => [],
        })),
      });
      await using server = listenBoth(service);
      await Promise.all(PATHS.map(async (path) => {
        using client = await RawClient.connect(
          server.address.frame,
          handshake(path, OFFERS),
        );
        // A client that the server has left already gets an error.
        await Promise.resolve(leave(client)).catch(() => {});
      }));
      await eventually(
        () => service.sessions.size === 0,
        "the end of all connections",
      );
      assertEquals(service.sessions.total, 0);
      await eventually(() => memory.total === 0, "the release of the memory");
    },
  );
}
