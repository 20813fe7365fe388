/**
 * The echo service: reads the configuration, assembles an instance, opens its listeners
 * and shuts it down at a signal.
 *
 * @module
 */

import "./lib/runtime/deno_version.ts";

import about from "./deno.json" with { type: "json" };
import { joinWorkerPool } from "./lib/cluster/workers/worker_pool.ts";
import { readConfig } from "./lib/config/config.ts";
import { setupLog } from "./lib/log/log.ts";
import {
  exitOnMemory,
  exitOnSignal,
  orExit,
  surviveRejections,
} from "./lib/process/exit.ts";
import { logStartupMessage } from "./lib/process/startup_message.ts";
import { assemble } from "./lib/server/assemble.ts";
import { type ListenerInfo, openListeners } from "./lib/server/listeners.ts";
import { shutdown } from "./lib/server/shutdown.ts";

surviveRejections();
await orExit(async () => {
  const config = readConfig(Deno.env.get);
  const { adminToken, maxPayload, onDeploy, shutdownTimeout } = config;
  const workerPool = await joinWorkerPool(config.workers, import.meta.url);
  setupLog({
    level: config.logLevel,
    format: config.logFormat,
    colors: !onDeploy && !Deno.noColor && Deno.stdout.isTerminal(),
    startedAt: workerPool.shared?.startedAt,
    console: onDeploy ? "platform" : config.telemetry ? "runtime" : "none",
  });

  let running: readonly ListenerInfo[] = [];
  const { routes } = await import("./handlers/routes.ts");
  const { service, stoppables } = await assemble(
    config,
    workerPool,
    about.version,
    ({ remoteSessions, ...context }) =>
      routes({
        ...config,
        ...context,
        admin: adminToken === undefined
          ? undefined
          : { token: adminToken, sessions: remoteSessions, maxPayload },
        listeners: () => running,
      }),
  );
  const opened = await openListeners(service, config, workerPool);
  running = opened.running;
  const parts = [...opened.listeners, ...stoppables, workerPool];

  const [edge, frame] = running;
  await workerPool.begin({ port: edge!.port, framePort: frame?.port });
  if (!workerPool.isMain) {
    workerPool.onStop(() => shutdown(service, parts, shutdownTimeout));
    return;
  }
  logStartupMessage(config, service.router, running);
  if (onDeploy) return;
  exitOnSignal(service, parts, shutdownTimeout);
  exitOnMemory(service, parts);
});
