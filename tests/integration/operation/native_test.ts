/** SOCKETS=native. */

import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { connect } from "../support/client.ts";
import { runToEnd, startServer } from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog } from "../support/suite.ts";
import { within } from "../support/within.ts";

const ON_LINUX = Deno.build.os === "linux" ? "" : " (ignored: needs Linux)";
const ignore = ON_LINUX !== "";
const SOCKETS = "native";

testWith(
  NEEDS,
  `start: SOCKETS=native without its permission is refused${ON_LINUX}`,
  {
    ignore,
    fn: async () => {
      const args = taskArguments();
      const { code, stdout, stderr } = await runToEnd({ SOCKETS }, args);
      assertEquals([stdout, stderr.length, code], [[], 1, 1]);
      assertMatch(stderr[0]!, /SOCKETS=native: needs --allow-ffi/);
    },
  },
);

for (const WORKERS of ["1", "2"]) {
  testWith(
    NEEDS,
    `a start with SOCKETS=native and WORKERS=${WORKERS} serves both listeners and ends${ON_LINUX}`,
    {
      ignore,
      fn: async () => {
        const listeners = LISTENERS.map(({ name }) => name);
        await using server = await startServer({ SOCKETS, WORKERS }, {
          args: taskArguments({ SOCKETS: "native", WORKERS }),
          listeners,
        });
        await showingLog(server, async () => {
          for (const name of listeners) {
            await using client = await connect(server.url(name, "/ws"));
            for (const text of ["one", "two"]) {
              client.send(text);
              assertEquals(await client.next(), text);
            }
          }
          server.signal("SIGTERM");
          const { code } = await within(server.status, "the end");
          assertEquals(code, 0);
        });
      },
    },
  );
}
