import { NEEDS, showingLog, startAll } from "../integration/support/suite.ts";
import { handshake } from "../integration/support/wire.ts";
import { eventually, within } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { holdings } from "../process.ts";

/** The files of another process are counted in /proc. */
const NO_PROC = Deno.build.os !== "linux";

/** Clients per step. */
const CLIENTS = 300;

/** Milliseconds between a request and the FIN. */
const DELAYS = [0, 1, 2, 3, 4];

const REQUEST = new TextEncoder().encode(handshake("/ws"));

/** Sends a request and a FIN, and closes the connection before or after the answer. */
async function sendFin(
  address: Deno.ConnectOptions,
  delay: number,
  reads: boolean,
): Promise<void> {
  using conn = await Deno.connect(address);
  await conn.write(REQUEST);
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  await conn.closeWrite();
  const buffer = new Uint8Array(1024);
  while (reads && await conn.read(buffer).catch(() => null) !== null);
}

/** Runs all clients, a number of them at the same time. */
async function runClients(
  address: Deno.ConnectOptions,
  atOnce: number,
): Promise<void> {
  let started = 0;
  const next = async () => {
    while (started < CLIENTS) {
      const client = started++;
      const delay = DELAYS[client % DELAYS.length]!;
      await sendFin(address, delay, client % 3 === 0);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

testWith(
  { ...NEEDS, read: true },
  "edge listener: a FIN during the handshake leaks no file",
  {
    ignore: NO_PROC,
    async fn(t) {
      await using server = await startAll({
        LOG_LEVEL: "INFO",
        HANDSHAKE_RATE: "off",
        MAX_CONNECTIONS_PER_IP: "off",
      });
      const address = server.address("edge");
      await sendFin(address, 0, true);
      const { files } = await holdings(server.pid);
      for (const atOnce of [1, 30]) {
        await t.step(
          `${atOnce} at a time`,
          () =>
            showingLog(server, async () => {
              await within(
                runClients(address, atOnce),
                "the end of every client",
              );
              await eventually(
                async () => {
                  const now = await holdings(server.pid);
                  return now.files <= files;
                },
                "the files that were open before",
              );
            }),
        );
      }
    },
  },
);
