import { assertEquals } from "@std/assert";
import { exchange } from "../integration/support/raw.ts";
import { handshake } from "../integration/support/wire.ts";
import { npmModules } from "../peers/npm.ts";
import { testWith } from "../permissions.ts";
import { prepareRival, startRival } from "./rivals/rival.ts";

const NEEDS = { run: true, read: true, net: true, env: true } as const;

const COMMAND = "node tests/hostile/rivals/ws.cjs";

testWith(
  NEEDS,
  `attack --server "${COMMAND}" has its package fetched`,
  async (t) => {
    const modules = await npmModules(["ws"]);
    await t.step({
      name: modules.ok ? "and starts" : `(ignored: ${modules.reason})`,
      ignore: !modules.ok,
      async fn() {
        await using victim = await startRival(await prepareRival(COMMAND));
        const { status } = await exchange(victim.target, handshake("/ws"));
        assertEquals(status, 101);
      },
    });
  },
);
