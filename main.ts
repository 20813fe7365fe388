/**
 * The echo service: reads the configuration, starts the server and shuts it down at a
 * signal.
 *
 * @module
 */

import "./lib/runtime/deno_version.ts";

import { readConfig, serve, setupLog } from "./lib/mod.ts";
import {
  exitOnFailure,
  exitOnMemory,
  exitOnSignal,
  orExit,
  refuseArguments,
  surviveRejections,
} from "./lib/process/exit.ts";
import { logStartupMessage } from "./lib/process/startup_message.ts";
import { renewOnSignal } from "./lib/process/tls_renewal.ts";

surviveRejections();
await orExit(async () => {
  refuseArguments(Deno.args);
  const config = readConfig(Deno.env.get);
  const {
    adminToken,
    authToken,
    logFormat,
    logLevel,
    metricsToken,
    misbehaviour,
    onDeploy,
    telemetry,
    ...settings
  } = config;
  setupLog({
    level: logLevel,
    format: logFormat,
    colors: !onDeploy && !Deno.noColor && Deno.stdout.isTerminal(),
    console: onDeploy ? "platform" : telemetry ? "runtime" : "none",
  });

  const { Journals } = await import("./handlers/journal/journals.ts");
  const { recordRefusals } = await import("./handlers/journal/refusals.ts");
  const journals = new Journals();
  const server = await serve({
    ...settings,
    ...(misbehaviour && { errors: recordRefusals(journals) }),
    workerModule: import.meta.url,
    onWorkerFailure: exitOnFailure,
    async routes(context) {
      const { routes } = await import("./handlers/routes.ts");
      const { maxPayload } = settings;
      const sessions = context.remoteSessions;
      const admin = adminToken === undefined
        ? undefined
        : { token: adminToken, sessions, maxPayload };
      return routes({
        ...settings,
        ...context,
        authToken,
        metricsToken,
        misbehaviour,
        admin,
        journals,
      });
    },
  });
  if (!server.isMain) return;
  logStartupMessage(server, config);
  if (onDeploy) return;
  renewOnSignal(server);
  exitOnSignal(server);
  exitOnMemory(server);
});
