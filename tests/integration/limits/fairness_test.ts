import { assert, assertEquals } from "@std/assert";
import { isInstalled } from "../../installed.ts";
import { permitted, testWith } from "../../permissions.ts";
import { startServer } from "../support/server.ts";
import { NEEDS } from "../support/suite.ts";

const CROWD = new URL("../support/busy_clients.cjs", import.meta.url).pathname;

/** Many more than the runtime reads from at a time. */
const CLIENTS = 400;

/** What everybody would have, if they all had the same. */
const EACH = 100;

const NAME =
  `frame: of ${CLIENTS} clients that talk all the time none is kept waiting`;

const OBSTACLE = permitted({ name: "run" }) && !isInstalled("node", "--version")
  ? " (ignored: needs Node)"
  : "";

testWith(NEEDS, NAME + OBSTACLE, {
  ignore: OBSTACLE !== "",
  fn: async () => {
    await using server = await startServer({
      LOG_LEVEL: "INFO",
      MAX_CONNECTIONS_PER_IP: "off",
      HANDSHAKE_RATE: "off",
    }, { listeners: ["frame"] });
    const { port } = server.address("frame");
    const { code, stdout, stderr } = await new Deno.Command("node", {
      args: [CROWD, ...[port, CLIENTS, CLIENTS * EACH].map(String)],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    const echoes: number[] = JSON.parse(decoder.decode(stdout));
    assertEquals(echoes.length, CLIENTS);
    const [fewest] = echoes;
    assert(fewest! > EACH / 2, `of ${EACH} echoes one client had ${fewest}`);
  },
});
