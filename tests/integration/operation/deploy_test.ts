/** The service with the variables and the permissions that Deno Deploy documents. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import { runToEnd, startServer } from "../support/server.ts";
import { NEEDS, showingLog } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { repeated } from "../support/within.ts";

const START = ["run", "--allow-all", config.deploy.runtime.entrypoint];

const PLATFORM = {
  DENO_DEPLOY: "true",
  DENO_DEPLOY_ORGANIZATION_ID: "3f9c9b0e-0000-4000-8000-000000000001",
  DENO_DEPLOY_ORGANIZATION_SLUG: "an-organization",
  DENO_DEPLOY_APPLICATION_ID: "3f9c9b0e-0000-4000-8000-000000000002",
  DENO_DEPLOY_APPLICATION_SLUG: "echo",
  DENO_DEPLOY_BUILD_ID: "build",
  DENO_DEPLOYMENT_ID: "deployment",
  DENO_TIMELINE: "production",
  // What the tests set for other starts.
  HOST: "",
  FRAME_PORT: "",
};

testWith(
  NEEDS,
  "Deno Deploy: the edge listener serves every route",
  async () => {
    await using server = await startServer(PLATFORM, { args: START });
    await showingLog(server, async () => {
      await using client = await connect(server.url("edge", "/ws"));
      client.send("echo");
      assertEquals(await client.next(), "echo");
      const health = requestHead("/readyz");
      assertEquals((await exchange(server.address("edge"), health)).body, "ok");
      const { status } = await exchange(
        server.address("edge"),
        handshake("/auth?token=valid"),
      );
      assertEquals(status, 101);
      assert(!server.lines.some((line) => line.includes("frame listener")));
    });
  },
);

testWith(
  { ...NEEDS, signals: true },
  "Deno Deploy: SIGINT closes clients with 1001, and ends before the platform kills",
  repeated(async () => {
    await using server = await startServer(PLATFORM, { args: START });
    await showingLog(server, async () => {
      await using client = await connect(server.url("edge", "/ws"));
      // It answers no CLOSE.
      using _silent = await RawClient.upgrade(server.address("edge"), "/ws");
      const start = performance.now();
      server.signal("SIGINT");
      assertEquals((await client.closed).code, 1001);
      const { code } = await server.status;
      assertEquals(code, 0);
      const seconds = (performance.now() - start) / 1000;
      assert(seconds < 5, `${seconds} s`);
    });
  }),
);

for (const [variable, value] of [["FRAME_PORT", "8001"], ["WORKERS", "2"]]) {
  testWith(
    NEEDS,
    `Deno Deploy: ${variable} ends the start with a sentence`,
    async () => {
      const env = { ...PLATFORM, [variable!]: value! };
      const { code, stderr } = await runToEnd(env, START);
      assertEquals([code, stderr.length], [1, 1], stderr.join("\n"));
      assertMatch(stderr[0], new RegExp(`${variable}.* Deno Deploy `));
    },
  );
}
