import { assertEquals } from "@std/assert";
import { echoOnRequest, reply } from "../../../handlers/echo/echo.ts";
import { scriptRoutes } from "../../../handlers/script/routes.ts";
import { listenFrames } from "../../../lib/frame/listener.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { Router } from "../../../lib/routing/router.ts";
import { resetConn } from "../../../lib/runtime/reset_conn.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { NEEDS } from "../../integration/support/suite.ts";
import {
  closeFrame,
  frame,
  handshake,
  OPCODE,
} from "../../integration/support/wire.ts";
import { eventually } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serviceOf } from "../../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Plans that do not read the client's data for an hour. */
const PLANS = [
  "slow-read:1/echo",
  "slow-read:1",
  "raw:/stall",
  "raw:/stall:3600000/echo",
  "wait:3600000/echo",
  "delay:3600000/echo:1/echo",
  "raw:/wait:3600000/echo",
  "raw:/drip:1:1000/size:2000000/echo",
  "half-close/slow-read:1",
  "late-close:3600000/echo",
  "first:1000:slow-read:1/echo",
];

/** The same in the query of `/ws`. */
const QUERIES = [
  "stall=1",
  "stall=1&hello=a",
  "delay=3600000&close=1000&after=1",
];

/** Plans that answer the handshake after an hour, or never. */
const UNANSWERED = ["hang", "late:3600000/echo"];

/** Bytes that a client leaves: what the server keeps, and more. */
const UNREAD = [100_000, 1_000_000];

const ENDS = {
  FIN: (client: RawClient) => client[Symbol.dispose](),
  RST: (client: RawClient) => resetConn(client.conn),
};

/** Rethrows an error unless the connection is lost. */
function ignoreLoss(error: unknown): void {
  const { BrokenPipe, ConnectionReset } = Deno.errors;
  if (error instanceof BrokenPipe || error instanceof ConnectionReset) return;
  throw error;
}

async function flood(client: RawClient, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += 50_000) {
    await client.write(frame(OPCODE.text, "x".repeat(50_000)));
  }
}

for (const sockets of ["runtime", "native"] as const) {
  testWith(
    { ...NEEDS, ...(sockets === "native" && { ffi: true, linux: true }) },
    `a client that leaves while a plan does not read frees its slot, on ${sockets} sockets`,
    async (t) => {
      const memory = new MemoryAccount(2 ** 30);
      const context = { sendBufferLimit: 2 ** 24, listeners: () => [] };
      const router = new Router({
        ...scriptRoutes({ ...context, reply }),
        "/ws": echoOnRequest(context),
      });
      const service = serviceOf({ memory, router });
      const listener = listenFrames(service, {
        hostname: "127.0.0.1",
        port: 0,
        edgePort: 0,
        sockets,
      });
      const leave = async (
        path: string,
        bytes: number,
        end: keyof typeof ENDS,
      ) => {
        const client = await RawClient.connect(
          listener.addr,
          handshake(path),
        );
        if (!UNANSWERED.some((plan) => path.endsWith(plan))) {
          assertEquals((await client.response()).status, 101, path);
        }
        // A slow client gets an error: the server ends a half-closed connection first.
        await flood(client, bytes).catch(ignoreLoss);
        if (path.includes("late-close")) {
          await client.write(closeFrame(1000)).catch(ignoreLoss);
        }
        await ENDS[end](client);
      };
      for (const end of ["FIN", "RST"] as const) {
        for (const bytes of UNREAD) {
          await t.step(`${end} after ${bytes} bytes`, async () => {
            await Promise.all(
              [
                ...[...PLANS, ...UNANSWERED].map((plan) => `/do/${plan}`),
                ...QUERIES.map((query) => `/ws?${query}`),
              ].map((path) => leave(path, bytes, end)),
            );
            await eventually(
              () => service.sessions.size === 0,
              "the end of all connections",
            );
          });
        }
      }
      await listener.shutdown();
      await eventually(() => memory.total === 0, "the release of the memory");
      memory.stop();
      assertEquals(service.sessions.size, 0);
    },
  );
}
