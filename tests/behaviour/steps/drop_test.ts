import { assertEquals } from "@std/assert";
import { reply } from "../../../handlers/echo/echo.ts";
import { scriptRoutes } from "../../../handlers/script/routes.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import { eventually } from "../../integration/support/within.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { NEEDS } from "../../integration/support/suite.ts";
import { frame, handshake, OPCODE } from "../../integration/support/wire.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const CONNECTIONS = 500;
const AT_ONCE = 100;

/** Plans with timers that do not fire during the test, by listener. */
const PLANS = [
  ["edge", "/do/tick:3600000/within:3600000/delay:3600000/echo"],
  ["frame", "/do/ping-every:3600000/delay:3600000/echo"],
  ["frame", "/do/wait:3600000/echo"],
  ["frame", "/do/raw:/tick:3600000/delay:3600000/echo"],
  ["frame", "/do/raw:8a00/wait:3600000/echo"],
  ["frame", "/do/late-pong:3600000/wait:3600000"],
  ["frame", "/do/drip:1:60000/text:hello"],
  ["frame", "/do/late:3600000/echo"],
  ["frame", "/do/hang"],
] as const;

for (const [name, path] of PLANS) {
  // The sanitizers detect timers that are left.
  testWith(
    NEEDS,
    `${name} listener: ${CONNECTIONS} connections with ${path} leave no timer and no memory`,
    async () => {
      const memory = new MemoryAccount(2 ** 30);
      const service = serviceOf({
        memory,
        router: new Router(scriptRoutes({
          reply,
          sendBufferLimit: 2 ** 20,
          listeners: () => [],
        })),
      });
      await using server = listenBoth(service);
      for (let i = 0; i < CONNECTIONS; i += AT_ONCE) {
        const clients = await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            const client = await RawClient.connect(
              server.address[name],
              handshake(path),
            );
            // After the 101, where there is one.
            if (!/late:|hang|drip/.test(path)) await client.response();
            await client.write(frame(OPCODE.ping, "?"));
            await client.write(frame(OPCODE.text, "not answered"));
            return client;
          }),
        );
        for (const client of clients) client[Symbol.dispose]();
      }
      await service.sessions.emptied();
      assertEquals(service.sessions.size, 0);
      await eventually(() => memory.total === 0, "the release of the memory");
    },
  );
}
