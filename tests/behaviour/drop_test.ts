import { assertEquals } from "@std/assert";
import { echoOnRequest } from "../../handlers/echo/echo.ts";
import { setupLog } from "../../lib/log/log.ts";
import { Router } from "../../lib/routing/router.ts";
import { RawClient } from "../integration/support/raw.ts";
import { LISTENERS, NEEDS } from "../integration/support/suite.ts";
import { frame, OPCODE } from "../integration/support/wire.ts";
import { testWith } from "../permissions.ts";
import { listenBoth, serviceOf } from "../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Timers of every kind; none fires during the test. */
const QUERY = "tick=3600000&delay=3600000&jitter=10&close=4000&in=3600000";

const CONNECTIONS = 2000;
const AT_ONCE = 100;

for (const { name } of LISTENERS) {
  // The sanitizers detect timers that are left.
  testWith(
    NEEDS,
    `${name} listener: ${CONNECTIONS} connections with timers leave no timer`,
    async () => {
      const service = serviceOf({
        router: new Router({
          "/ws": echoOnRequest({
            sendBufferLimit: 2 ** 20,
            listeners: () => [],
          }),
        }),
      });
      await using server = listenBoth(service);
      const path = `/ws?${QUERY}${name === "frame" ? "&ping=3600000" : ""}`;
      for (let i = 0; i < CONNECTIONS; i += AT_ONCE) {
        const clients = await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            const client = await RawClient.upgrade(server.address[name], path);
            await client.write(frame(OPCODE.text, "not answered"));
            return client;
          }),
        );
        for (const client of clients) client[Symbol.dispose]();
      }
      await service.sessions.emptied();
      assertEquals(service.sessions.size, 0);
    },
  );
}
