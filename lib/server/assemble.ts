/**
 * Assembly of one instance of the service from its parts.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { redisChannel } from "../cluster/bus/redis_channel.ts";
import type { WorkerPool } from "../cluster/workers/worker_pool.ts";
import type { ServerConfig } from "../config/server_config.ts";
import { startStep } from "../config/start_error.ts";
import {
  type ClientOf,
  clientsBehind,
} from "../limits/address/client_address.ts";
import { commonClock } from "../limits/address/limiter_memory.ts";
import {
  LongRunningRequests,
  type RequestOwner,
} from "../limits/long_running_requests.ts";
import { OpenRequests } from "../limits/open_requests.ts";
import { limitMessages } from "../limits/message_rate.ts";
import { TokenFailures } from "../limits/token_failures.ts";
import type { Service } from "../listener/service.ts";
import { line } from "../log/fields.ts";
import { MemoryAccount } from "../memory/account.ts";
import { type HeldMemory, heldMemory } from "../memory/held_memory.ts";
import { Metrics } from "../metrics/metrics.ts";
import { ThreadMetrics } from "../metrics/thread_metrics.ts";
import type { Observer } from "../observer.ts";
import { type Route, Router, type Routes } from "../routing/router.ts";
import { connectSessions } from "../sessions/connect.ts";
import type { RemoteSessions } from "../sessions/remote_sessions.ts";
import { Sessions } from "../sessions/sessions.ts";
import type { Stoppable } from "../stoppable.ts";
import { WorkQueue } from "../work_queue.ts";
import { addressLimiterOf } from "./address_limits.ts";
import { Drain } from "./drain.ts";
import type { ListenerInfo } from "./listeners.ts";

/** Maximum number of long-running requests. */
const LONG_RUNNING_REQUESTS = 1000;

/** Maximum of one client, so that it takes eight clients to reach the maximum of all. */
const LONG_RUNNING_REQUESTS_PER_CLIENT = LONG_RUNNING_REQUESTS / 8;

/**
 * The parts of an instance that its routes use.
 *
 * @example
 * ```ts
 * import { type RouteContext, type Routes, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = ({ isDraining }: RouteContext): Routes => ({
 *   "/healthz": { GET: () => new Response(isDraining() ? "draining" : "ok") },
 * });
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const response = await fetch(`${server.urls.http}/healthz`);
 * assertEquals(await response.text(), "ok");
 * ```
 */
export interface RouteContext {
  /** Metrics of all threads. */
  readonly metrics: ThreadMetrics;
  /**
   * Limits long-running requests, for the routes of the echo service.
   * @internal
   */
  readonly longRunningRequests: LongRunningRequests;
  /**
   * Limits wrong tokens, for the routes of the echo service.
   * @internal
   */
  readonly tokenFailures: TokenFailures;
  /** Reaches the sessions of this instance and, with a bus, of all instances. */
  readonly remoteSessions: RemoteSessions;
  /**
   * Memory that the routes of the echo service hold apart from connections and requests.
   * @internal
   */
  readonly heldMemory: HeldMemory;
  /**
   * Closes the clients of this process over a time, for the routes of the echo service.
   * @internal
   */
  readonly drain: Drain;
  /** Whether the service is draining or shutting down. */
  isDraining(): boolean;
  /** The listeners that are open, the edge listener first. */
  listeners(): readonly ListenerInfo[];
}

/** An instance that does not listen yet. */
export interface Instance {
  /** The service, for the listeners. */
  readonly service: Service;
  /** Metrics of all threads. */
  readonly metrics: ThreadMetrics;
  /** Reaches the sessions of this instance and, with a bus, of all instances. */
  readonly remoteSessions: RemoteSessions;
  /** Closes the clients of this process over a time. */
  readonly drain: Drain;
  /** Resolves when the bus is open, or cannot be opened for now. */
  busSettled(): Promise<void>;
}

/** The functions of a program that the listeners call. */
export type ServiceHooks = Pick<
  Service,
  "errors" | "maskPath" | "onConnection" | "onDisconnection"
>;

/** The parts of an instance that its program gives. */
export interface AssembleOptions {
  /** Makes the router map. */
  readonly routesOf: (context: RouteContext) => Routes | Promise<Routes>;
  /** Returns the listeners that are open. */
  readonly listeners: () => readonly ListenerInfo[];
  /** Called by the listeners. */
  readonly hooks: ServiceHooks;
  /** Gets each part that a shutdown has to stop, as soon as there is one. */
  readonly started: Stoppable[];
}

/**
 * Assembles an instance.
 *
 * @param config the configuration
 * @param workerPool this thread and the other threads
 * @param version version of the service, for the metrics
 * @param options makes the router map, and observes connections
 * @throws {BusError} the bus cannot be used
 * @throws {StartError} the router map or the URL of the bus is invalid
 */
export async function assemble(
  config: ServerConfig,
  workerPool: WorkerPool,
  version: string,
  options: AssembleOptions,
): Promise<Instance> {
  const sessions = new Sessions(config.maxConnections, {
    purge: config.lruPurge,
    instance: workerPool.instance,
    connectionSlots: workerPool.shared?.connectionSlots,
  });
  const workQueue = newWorkQueue();
  const memory = memoryAccount(config, workerPool, sessions.instance);
  const observer = new Metrics({ sessions, workQueue, memory, version });
  const metrics = new ThreadMetrics(
    observer,
    sessions.instance,
    workerPool.channel("metrics"),
  );
  const bus = config.bus === undefined
    ? undefined
    : await redisChannel(config.bus, workerPool.isMain);
  const { remoteSessions, listeners } = connectSessions(
    sessions,
    config.sendBufferLimit,
    // To the other instances, or between the threads.
    bus?.open ?? workerPool.channel("sessions"),
  );
  const clientOf = clientsBehind(config.trustProxy);
  const openRequests = new OpenRequests();
  const longRunningRequests = limitLongRunningRequests(
    config,
    clientOf,
    observer,
    { memory, openRequests },
  );
  const limiterMemory = workerPool.shared?.addressLimiter;
  const tokenFailures = new TokenFailures({
    clientOf,
    observer,
    ...(limiterMemory &&
      { now: commonClock(limiterMemory), memory: limiterMemory.failures }),
  });
  const service: Service = {
    router: new Router({}),
    sessions,
    memory,
    openRequests,
    workQueue,
    observer,
    addressLimiter: addressLimiterOf(config, limiterMemory),
    trustProxy: config.trustProxy,
    limits: config,
    allowedOrigins: config.allowedOrigins,
    compression: config.compression,
    draining: false,
    ...options.hooks,
  };
  const drain = new Drain(service, workerPool.channel("drain"));
  options.started.push(longRunningRequests, metrics, drain, ...listeners);
  const routes = await options.routesOf({
    metrics,
    longRunningRequests,
    tokenFailures,
    remoteSessions,
    heldMemory: heldMemory(memory),
    drain,
    isDraining: () => service.draining,
    listeners: options.listeners,
  });
  startStep("the router map", () => {
    for (const [path, route] of Object.entries(routes)) {
      addRoute(service, config, path, route);
    }
  });
  const busSettled = () => bus?.settled() ?? Promise.resolve();
  return { service, metrics, remoteSessions, drain, busSettled };
}

/**
 * Adds a route to a service, with the limit of messages.
 *
 * @param service the service
 * @param config the limit
 * @param path path or pattern of the route
 * @param route its handlers
 * @throws {RouteError} the path is taken or not valid
 */
export function addRoute(
  service: Service,
  { messageRate }: Pick<ServerConfig, "messageRate">,
  path: string,
  route: Route,
): void {
  const { router, observer } = service;
  router.add(
    path,
    limitMessages({ [path]: route }, messageRate, observer)[path]!,
  );
}

function newWorkQueue(): WorkQueue {
  const log = getLogger("ws_echo_server");
  return new WorkQueue({
    onError: (error, origin) =>
      log.error(
        ...line`Queued work of ${{ "http.route": origin }} failed:`,
        error,
      ),
  });
}

/** Each thread accounts for its part of the limit. */
function memoryAccount(
  { memoryLimit, workers }: ServerConfig,
  { shared }: WorkerPool,
  instance: string,
): MemoryAccount {
  return new MemoryAccount(
    memoryLimit / workers,
    shared && {
      memory: shared.memoryTotals,
      index: shared.instances.indexOf(instance),
    },
  );
}

function limitLongRunningRequests(
  { maxConnectionsPerIp }: ServerConfig,
  clientOf: ClientOf,
  observer: Observer,
  owner: RequestOwner,
): LongRunningRequests {
  if (maxConnectionsPerIp === 0) {
    return new LongRunningRequests(LONG_RUNNING_REQUESTS, undefined, owner);
  }
  const limit = Math.min(
    maxConnectionsPerIp,
    LONG_RUNNING_REQUESTS_PER_CLIENT,
  );
  const share = { limit, clientOf, observer };
  return new LongRunningRequests(LONG_RUNNING_REQUESTS, share, owner);
}
