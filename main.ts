/**
 * The service: configuration, log, instance, listeners, shutdown.
 *
 * @module
 */

import "./lib/runtime/deno_version.ts";

import about from "./deno.json" with { type: "json" };
import { logStartupMessage } from "./lib/process/startup_message.ts";
import { readConfig } from "./lib/config/config.ts";
import { assemble } from "./lib/server/assemble.ts";
import { type ListenerInfo, openListeners } from "./lib/server/listeners.ts";
import { setupLog } from "./lib/log/log.ts";
import {
  exitOnMemory,
  exitOnSignal,
  orExit,
  surviveRejections,
} from "./lib/process/exit.ts";
import { shutdown } from "./lib/server/shutdown.ts";
import { joinWorkerPool } from "./lib/cluster/workers/worker_pool.ts";

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
  const instance = await assemble(
    config,
    workerPool,
    about.version,
    ({ calls, ...parts }) =>
      routes({
        ...config,
        ...parts,
        admin: adminToken === undefined
          ? undefined
          : { token: adminToken, sessions: calls, maxPayload },
        listeners: () => running,
      }),
  );
  const { service } = instance;
  const opened = await openListeners(service, config, workerPool);
  running = opened.running;
  const listeners = [...opened.listeners, ...instance.listeners, workerPool];

  const [edge, frame] = running;
  await workerPool.begin({ port: edge!.port, framePort: frame?.port });
  if (workerPool.isMain) {
    logStartupMessage(config, service.router, running);
    if (!onDeploy) {
      exitOnSignal(service, listeners, shutdownTimeout);
      exitOnMemory(service, listeners);
    }
  } else {
    workerPool.onStop(() => shutdown(service, listeners, shutdownTimeout));
  }
});
