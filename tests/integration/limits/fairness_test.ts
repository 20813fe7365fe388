import { assert, assertEquals } from "@std/assert";
import { isInstalled } from "../../installed.ts";
import { permitted, testWith } from "../../permissions.ts";
import { startServer } from "../support/server.ts";
import { NEEDS } from "../support/suite.ts";

const BUSY_CLIENTS =
  new URL("../support/busy_clients.cjs", import.meta.url).pathname;

/** More clients than the runtime reads from in one round. */
const CLIENTS = 400;

/** Echoes of each client if all had the same number. */
const EACH = 100;

const NAME =
  `frame listener: each of ${CLIENTS} busy clients gets at least half of its share`;

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
      args: [BUSY_CLIENTS, ...[port, CLIENTS, CLIENTS * EACH].map(String)],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    const echoes: number[] = JSON.parse(decoder.decode(stdout));
    assertEquals(echoes.length, CLIENTS);
    const [fewest] = echoes;
    assert(fewest! > EACH / 2, `of ${EACH} echoes one client had ${fewest}`);
  },
});
