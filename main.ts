/**
 * The echo service: reads the configuration, starts the server and shuts it down at a
 * signal.
 *
 * @module
 */

import "./lib/runtime/deno_version.ts";

import { readCommandLine } from "./lib/config/command/command_line.ts";
import { readConfig, serve, setupLog } from "./lib/mod.ts";
import {
  exitOnFailure,
  exitOnMemory,
  exitOnSignal,
  logUnhandledRejections,
  orExit,
} from "./lib/process/exit.ts";
import {
  logStartupMessage,
  logWarnings,
} from "./lib/process/startup_message.ts";
import { printReady } from "./lib/process/ready.ts";
import { renewOnSignal } from "./lib/process/tls_renewal.ts";

logUnhandledRejections();
await orExit(async () => {
  const commandLine = readCommandLine(Deno.args);
  if (commandLine.answer !== undefined) return console.log(commandLine.answer);
  const config = readConfig(commandLine.over(Deno.env.get));
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

  const { maskPath } = await import("./handlers/mask_path.ts");
  const { Journals } = await import("./handlers/journal/journals.ts");
  const { recordRefusals } = await import("./handlers/journal/refusals.ts");
  const journals = new Journals();
  const server = await serve({
    ...settings,
    maskPath,
    // With several threads there are no journals.
    ...(misbehaviour && settings.workers === 1 &&
      { errors: recordRefusals(journals) }),
    workerModule: import.meta.url,
    onWorkerFailure: exitOnFailure,
    async routes(context) {
      const { routes } = await import("./handlers/routes.ts");
      const { maxPayload, drainTime, trustProxy } = settings;
      const { remoteSessions: sessions, drain } = context;
      const admin = adminToken === undefined ? undefined : {
        token: adminToken,
        sessions,
        maxPayload,
        drain,
        drainTime,
        trustProxy,
      };
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
  renewOnSignal(server);
  exitOnSignal(server, commandLine);
  if (!onDeploy) exitOnMemory(server);
  logWarnings(server, config);
  if (commandLine.ready) printReady(server);
});
