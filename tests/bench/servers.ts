/**
 * The servers that are compared.
 *
 * @module
 */

import { taskArguments } from "../task_arguments.ts";
import {
  BUN_PEER,
  type Command,
  CROSSWS_PEER,
  DENO_PEER,
  type Peer,
  type RunningPeer,
  start,
  WS_PEER,
} from "../peers/peers.ts";
import { type Cores, onCore } from "./cores.ts";

/** A server to measure. */
export interface Server extends Peer {
  /** What `--only` calls it. */
  readonly id: string;
  /** The path of its echo. */
  readonly path: string;
  /** Whether it can agree on permessage-deflate. */
  readonly deflates: boolean;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * What the service runs with: as it starts, but for what would turn a load away,
 * and for its log, as no other server writes one.
 */
const SERVICE_ENV = {
  HOST: "127.0.0.1",
  AUTH_TOKEN: "benchmark",
  MAX_CONNECTIONS: "100000",
  MAX_CONNECTIONS_PER_IP: "off",
  HANDSHAKE_RATE: "off",
  LOG_LEVEL: "WARN",
};

/** This service, one of its listeners, with so many threads. */
function service(listener: "edge" | "frame", workers: number): Server {
  const isCrew = workers > 1;
  return {
    id: listener,
    name: `this service: ${listener}${isCrew ? `, ${workers} workers` : ""}`,
    path: "/ws",
    deflates: listener === "frame",
    command() {
      const edge = freePort();
      const frame = freePort();
      return Promise.resolve({
        ok: true,
        program: Deno.execPath(),
        args: taskArguments(isCrew ? "start:workers" : "start"),
        version: `Deno ${Deno.version.deno}`,
        cwd: ROOT,
        env: {
          ...SERVICE_ENV,
          PORT: String(edge),
          FRAME_PORT: String(frame),
          WORKERS: String(workers),
        },
        port: listener === "edge" ? edge : frame,
      });
    },
  };
}

/** A port that nobody listens on, taken by whoever is first. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * All of them, in the order of the table.
 *
 * @param workers threads of this service
 */
export function serversWith(workers: number): readonly Server[] {
  return [
    service("edge", workers),
    service("frame", workers),
    { ...DENO_PEER, id: "deno", path: "/", deflates: false },
    { ...CROSSWS_PEER, id: "crossws", path: "/", deflates: false },
    { ...WS_PEER, id: "ws", path: "/", deflates: true },
    { ...BUN_PEER, id: "bun", path: "/", deflates: true },
  ];
}

/** What `--only` calls them. */
export const SERVER_IDS: readonly string[] = serversWith(1).map(({ id }) => id);

/** A server with the command that starts it. */
export interface Prepared {
  /** Which one. */
  readonly server: Server;
  /** How to start it, without compression. */
  readonly plain: Command & { readonly ok: true };
  /** How to start it with compression, where it has any. */
  readonly deflate: Command & { readonly ok: true };
}

/**
 * Fetches what a server needs.
 *
 * @param server which one
 * @returns why it cannot be started, where it cannot
 */
export async function prepare(server: Server): Promise<Prepared | string> {
  const plain = await server.command(false);
  if (!plain.ok) return plain.reason;
  const deflate = await server.command(true);
  if (!deflate.ok) return deflate.reason;
  return { server, plain, deflate };
}

/**
 * Starts a server on its core.
 *
 * @param command how
 * @param cores which it runs on
 */
export function startOn(
  command: Command & { readonly ok: true },
  cores: Cores,
): Promise<RunningPeer> {
  const [program, ...args] = onCore(cores.server, [
    command.program,
    ...command.args,
  ]);
  return start({ ...command, program: program!, args });
}
