/**
 * Starts a server.
 *
 * @module
 */

import {
  joinWorkerPool,
  type WorkerPool,
} from "../cluster/workers/worker_pool.ts";
import { readOptions } from "../config/options.ts";
import { VERSION } from "../config/version.ts";
import type { ServerConfig } from "../config/server_config.ts";
import { registerAccount } from "../memory/unexplained.ts";
import type { Stoppable } from "../stoppable.ts";
import { assemble } from "./assemble.ts";
import { type ListenerInfo, openListeners } from "./listeners.ts";
import {
  type ServeOptions,
  type ServerParts,
  splitOptions,
} from "./serve_options.ts";
import { Server } from "./server.ts";

/**
 * Starts a server on the edge listener and, unless it is off, the frame listener. It
 * reads no environment, takes no signals, never ends the process, and prints nothing
 * unless a log is set up. It needs the permission `--allow-net` for its host, and
 * `--allow-read` for `tls` and `workers`.
 *
 * @param options routes and settings
 * @returns the server, which listens
 * @throws {OptionsError} an option that is not valid
 * @throws {StartError} a port cannot be opened, or the router map is not valid
 * @throws {TlsError} certificate or key is unusable
 * @throws {BusError} the bus cannot be used
 * @throws {WorkersError} the threads cannot be started
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   routes: { "/echo": { frame: (connection, frame) => connection.send(frame) } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connect(`${server.urls.frame}/echo`);
 * await client.send("text", "hello");
 * assertEquals((await client.nextMessage()).text(), "hello");
 * ```
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { settings, parts } = splitOptions(options);
  const config = readOptions(settings);
  const workerPool = await joinWorkerPool(
    config.workers,
    parts.workerModule,
    parts.onWorkerFailure,
  );
  const started: Stoppable[] = [workerPool];
  try {
    return await start(config, workerPool, parts, started);
  } catch (error) {
    const stopped = started.map((part) => part.shutdown());
    for (const part of started) part.destroy?.();
    await Promise.allSettled(stopped);
    throw error;
  }
}

/** Adds each part to `started` as soon as it needs a shutdown. */
async function start(
  config: ServerConfig,
  workerPool: WorkerPool,
  parts: ServerParts,
  started: Stoppable[],
): Promise<Server> {
  let running: readonly ListenerInfo[] = [];
  const instance = await assemble(config, workerPool, VERSION, {
    routesOf: parts.routesOf,
    listeners: () => running,
    hooks: parts.hooks,
    started,
  });
  const { service } = instance;
  const opened = await openListeners(service, config, workerPool);
  started.unshift(...opened.listeners);
  running = opened.running;
  const { edge, frame } = opened.addresses;
  await workerPool.begin({ port: edge.port, framePort: frame?.port });
  // The startup message comes after the first message of the bus.
  if (workerPool.isMain) await instance.busSettled();
  const forget = registerAccount(service.memory);
  const server = new Server({
    config,
    instance,
    opened,
    isMain: workerPool.isMain,
    stoppables: started,
    onStopped: () => {
      forget();
      service.memory.stop();
    },
  });
  workerPool.onStop(() => server.shutdown());
  return server;
}
