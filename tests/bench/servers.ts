/**
 * The servers of the benchmark.
 *
 * @module
 */

import { freePort } from "../free_port.ts";
import {
  BUN_SERVER,
  type Command,
  CROSSWS_SERVER,
  DENO_SERVER,
  type OtherServer,
  type RunningServer,
  start,
  WS_SERVER,
} from "../other_servers/other_servers.ts";
import { taskArguments } from "../task_arguments.ts";
import { type Cores, onCore } from "./cores.ts";

/** A server to measure. */
export interface Server extends OtherServer {
  /** The name in `--only`. */
  readonly id: string;
  /** The path of its echo. */
  readonly path: string;
  /** Whether it can agree on permessage-deflate. */
  readonly deflates: boolean;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * Variables of the service: without the limits that would refuse a load, and with
 * little log, as the other servers write none.
 */
const SERVICE_ENV = {
  HOST: "127.0.0.1",
  AUTH_TOKEN: "benchmark",
  MAX_CONNECTIONS: "100000",
  MAX_CONNECTIONS_PER_IP: "off",
  HANDSHAKE_RATE: "off",
  LOG_LEVEL: "WARN",
};

/** A listener of this service with a number of worker threads. */
function service(listener: "edge" | "frame", workers: number): Server {
  const hasWorkers = workers > 1;
  return {
    id: listener,
    name: `this service: ${listener}${
      hasWorkers ? `, ${workers} workers` : ""
    }`,
    path: "/ws",
    deflates: listener === "frame",
    command() {
      const edge = freePort();
      const frame = freePort();
      return Promise.resolve({
        ok: true,
        program: Deno.execPath(),
        args: taskArguments({ WORKERS: String(workers) }),
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

/**
 * The servers in the order of the table.
 *
 * @param workers worker threads of this service
 */
export function serversWith(workers: number): readonly Server[] {
  return [
    service("edge", workers),
    service("frame", workers),
    { ...DENO_SERVER, id: "deno", path: "/", deflates: false },
    { ...CROSSWS_SERVER, id: "crossws", path: "/", deflates: false },
    { ...WS_SERVER, id: "ws", path: "/", deflates: true },
    { ...BUN_SERVER, id: "bun", path: "/", deflates: true },
  ];
}

/** The names of the servers in `--only`. */
export const SERVER_IDS: readonly string[] = serversWith(1).map(({ id }) => id);

/** A server and the commands that start it. */
export interface Prepared {
  /** The server. */
  readonly server: Server;
  /** Starts it without compression. */
  readonly plain: Command & { readonly ok: true };
  /** Starts it with compression, if it has any. */
  readonly deflate: Command & { readonly ok: true };
}

/**
 * Installs the packages of a server.
 *
 * @param server the server
 * @returns the reason when it cannot be started
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
 * @param command starts the server
 * @param cores of the benchmark
 */
export function startOn(
  command: Command & { readonly ok: true },
  cores: Cores,
): Promise<RunningServer> {
  const [program, ...args] = onCore(cores.server, [
    command.program,
    ...command.args,
  ]);
  return start({ ...command, program: program!, args });
}
