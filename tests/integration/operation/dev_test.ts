import { assertEquals } from "@std/assert";
import { freePort } from "../../free_port.ts";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { within } from "../support/within.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Lines that report a fault. */
const FAULT = /^E |^W .*in time|Uncaught|^\w*Error|Requires/;

/** Copies the service, so that the test can change it; disposal deletes the copy. */
async function copy(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "dev-" });
  const sources = ["main.ts", "deno.json", "handlers", "lib"];
  const { success } = await new Deno.Command("cp", {
    args: ["-r", ...sources.map((name) => ROOT + name), path],
  }).output();
  assertEquals(success, true);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function assertEchoes(server: Server): Promise<void> {
  for (const { name } of LISTENERS) {
    await using client = await connect(server.url(name, "/ws"));
    client.send("echo");
    assertEquals(await client.next(), "echo");
  }
}

testWith(
  { ...NEEDS, read: true, write: true },
  "deno task dev: a change restarts the service on its ports and Ctrl-C ends it, both without an error",
  {
    ignore: Deno.build.os === "windows",
    async fn() {
      await using project = await copy();
      await using server = await startAll({
        // The ports stay the same after a change.
        PORT: String(freePort()),
        FRAME_PORT: String(freePort()),
      }, {
        args: ["task", "dev"],
        isGroup: true,
        cwd: project.path,
      });
      await showingLog(server, async () => {
        await assertEchoes(server);
        for (const file of ["handlers/echo/echo.ts", "main.ts"]) {
          const clients = await Promise.all(
            LISTENERS.map(({ name }) => connect(server.url(name, "/ws"))),
          );
          const since = server.lines.length;
          await Deno.writeTextFile(
            `${project.path}/${file}`,
            "\n// changed\n",
            {
              append: true,
            },
          );
          for (const client of clients) {
            assertEquals((await client.closed).code, 1001);
          }
          await server.logged("The frame listener is on port", since);
          await assertEchoes(server);
        }
        server.signal("SIGINT");
        const { code } = await within(server.status, "the process to end");
        assertEquals(code, 0);
        assertEquals(server.lines.filter((line) => FAULT.test(line)), []);
      });
    },
  },
);
