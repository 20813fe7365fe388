import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import { connectSessions } from "../../../lib/sessions/connect.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { closeFrame } from "../support/wire.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: a session is reached by its id, without a connection and a token`,
    async () => {
      const ended = Promise.withResolvers<void>();
      const service = serviceOf({
        router: new Router({ "/rooms/:name": { frame() {} } }),
        onDisconnection: () => ended.resolve(),
      });
      const { sessions, workQueue, limits } = service;
      const { remoteSessions } = connectSessions(
        sessions,
        limits.sendBufferLimit,
        undefined,
      );
      await using server = listenBoth(service);
      using client = await RawClient.upgrade(server.address[name], "/rooms/a");
      const [session] = (await remoteSessions.list()).sessions;
      const { id, route } = session!;
      assertEquals(route, "/rooms/:name");
      assertEquals(await remoteSessions.send(id, "by id"), "sent");
      assertEquals(await client.text(), "by id");
      const targets = [
        { route: "/rooms/:name" },
        { path: "/rooms/a" },
        { route: "/rooms/:name", path: "/rooms/a" },
      ];
      for (const target of targets) {
        const { sent } = await remoteSessions.sendAll("to all", target);
        assertEquals([sent, await client.text()], [1, "to all"]);
      }
      const { sent } = await remoteSessions.sendAll("b", { path: "/rooms/b" });
      assertEquals(sent, 0);

      workQueue.add(() => sessions.get(id)?.send("from the work queue"));
      assertEquals(await client.text(), "from the work queue");

      assertEquals(await remoteSessions.close(id, 4000, "bye"), "closing");
      assertEquals(await client.closeCode(), 4000);
      await client.write(closeFrame(4000));
      client[Symbol.dispose]();
      await within(ended.promise, "the end");
      assertEquals(await remoteSessions.send(id, "late"), "gone");
    },
  );
}
