/**
 * The service: configuration, log, router, listeners, shutdown.
 *
 * @module
 */

import { getLogger } from "@std/log";
import about from "./deno.json" with { type: "json" };
import { LISTENER_PURPOSE, type ListenerInfo } from "./handlers/listeners.ts";
import { routes } from "./handlers/routes.ts";
import { redisChannel } from "./lib/bus/redis.ts";
import { DEFAULT_AUTH_TOKEN, readConfig } from "./lib/config.ts";
import { listenEdge } from "./lib/edge/listener.ts";
import { gateOf } from "./lib/limits/gate_of.ts";
import { limitMessages } from "./lib/limits/message_rate.ts";
import { SendMemory } from "./lib/limits/send_memory.ts";
import { setupLog } from "./lib/log.ts";
import { LongAnswers } from "./lib/long_answers.ts";
import { Metrics } from "./lib/metrics.ts";
import { ThreadMetrics } from "./lib/metrics/threads.ts";
import {
  exitOnSignal,
  orExit,
  orExitLater,
  surviveRejections,
} from "./lib/process.ts";
import { Router } from "./lib/router.ts";
import type { Service } from "./lib/service.ts";
import { Sessions } from "./lib/sessions.ts";
import { connectSessions } from "./lib/sessions/connect.ts";
import { type Listener, shutdown } from "./lib/shutdown.ts";
import { readIdentity } from "./lib/tls/identity.ts";
import { type Renewable, renewOnSignal } from "./lib/tls/renewal.ts";
import { WorkQueue } from "./lib/work_queue.ts";
import { joinCrew } from "./lib/workers/crew.ts";

const config = orExit(() => readConfig(Deno.env.get));
const crew = await orExitLater(() => joinCrew(config.workers, import.meta.url));
setupLog({
  level: config.logLevel,
  format: config.logFormat,
  colors: !config.onDeploy && !Deno.noColor && Deno.stdout.isTerminal(),
  startedAt: crew.shared?.startedAt,
  console: config.onDeploy || config.telemetry,
});
const log = getLogger("ws_echo_server");

const sessions = new Sessions(config.maxConnections, {
  purge: config.lruPurge,
  instance: crew.instance,
  seats: crew.shared?.seats,
});
const { bus } = config;
const { calls, listeners: buses } = connectSessions(
  sessions,
  config.sendBufferLimit,
  bus === undefined
    ? crew.channel("sessions")
    : await orExitLater(() => redisChannel(bus)),
);
const workQueue = new WorkQueue({
  onError: (error, origin) => log.error(`Work of ${origin} failed:`, error),
});
const metrics = new Metrics({ sessions, workQueue, version: about.version });
const figures = new ThreadMetrics(
  metrics,
  sessions.instance,
  crew.channel("metrics"),
);
const running: ListenerInfo[] = [];
const longAnswers = new LongAnswers(1000);
const service: Service = {
  router: new Router(limitMessages(
    routes({
      ...config,
      metrics: figures,
      longAnswers,
      admin: config.adminToken === undefined
        ? undefined
        : { token: config.adminToken, calls, maxPayload: config.maxPayload },
      isDraining: () => service.draining,
      listeners: () => running,
    }),
    config.messageRate,
    metrics,
  )),
  sessions,
  workQueue,
  observer: metrics,
  gate: gateOf(config, crew.shared?.gate),
  limits: config,
  allowedOrigins: config.allowedOrigins,
  compression: config.compression,
  draining: false,
};

const { host: hostname, tls } = config;
const { port, framePort } = crew.ports ?? config;
const reusePort = crew.shared !== undefined;
const identity = tls && orExit(() => readIdentity(tls));
const edge = orExit(
  () => {
    crew.claim(hostname, port);
    return listenEdge(service, { hostname, port, reusePort, identity });
  },
  `the edge listener's ${hostname}:${port}`,
);
running.push({ name: "edge", port: edge.addr.port });
const listeners: Listener[] = [edge, longAnswers, figures, ...buses, crew];
const renewable: Renewable[] = [edge];
if (framePort !== undefined) {
  const { listenFrames } = await import("./lib/frame/listener.ts");
  const edgePort = edge.addr.port;
  const frame = orExit(
    () => {
      crew.claim(hostname, framePort);
      const at = { hostname, port: framePort, reusePort };
      return listenFrames(service, { ...at, edgePort, identity });
    },
    `the frame listener's ${hostname}:${framePort}`,
  );
  running.push({ name: "frame", port: frame.addr.port });
  listeners.push(frame);
  renewable.push(frame);
}
if (tls && identity) renewOnSignal(tls, identity, renewable);
const sendMemory = config.sendMemoryLimit / config.workers;
new SendMemory(sessions, sendMemory, metrics).watch();
surviveRejections();
await crew.begin({ port: edge.addr.port, framePort: running[1]?.port });
if (crew.isFirst) {
  announce();
  const { shutdownTimeout, onDeploy } = config;
  if (!onDeploy) exitOnSignal(service, listeners, shutdownTimeout);
} else {
  crew.onStop(() => shutdown(service, listeners, config.shutdownTimeout));
}

function announce(): void {
  log.info(`Starting server on port: '${edge.addr.port}'`);
  log.info("Registering URI handlers");
  service.router.log();
  for (const { name, port } of running) {
    log.info(
      `The ${name} listener is on port ${port}: ${LISTENER_PURPOSE[name]}`,
    );
  }
  if (config.workers > 1) log.info(`${config.workers} threads share the ports`);
  if (config.authToken === DEFAULT_AUTH_TOKEN) {
    log.warn(
      "AUTH_TOKEN is not set: /auth accepts the default that everybody knows",
    );
  }
}
