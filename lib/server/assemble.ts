/**
 * One instance of the service, put together: what its listeners share, and what
 * connects it with the others.
 *
 * @module
 */

import { getLogger } from "@std/log";
import type { OpenChannel } from "../cluster/bus/channel.ts";
import { redisChannel } from "../cluster/bus/redis_channel.ts";
import type { Config } from "../config/config.ts";
import { clientsBehind } from "../limits/address/client_address.ts";
import { commonClock } from "../limits/address/limiter_memory.ts";
import { addressLimiterOf } from "./address_limits.ts";
import { limitMessages } from "../limits/message_rate.ts";
import { startStep } from "../config/start_error.ts";
import { TokenFailures } from "../limits/token_failures.ts";
import { LongRunningRequests } from "../limits/long_running_requests.ts";
import { MemoryAccount } from "../memory/account.ts";
import { Metrics } from "../metrics/metrics.ts";
import { ThreadMetrics } from "../metrics/thread_metrics.ts";
import { Router, type Routes } from "../routing/router.ts";
import type { Service } from "../listener/service.ts";
import { Sessions } from "../sessions/sessions.ts";
import type { RemoteSessions } from "../sessions/remote_sessions.ts";
import { connectSessions } from "../sessions/connect.ts";
import type { Stoppable } from "../stoppable.ts";
import { WorkQueue } from "../work_queue.ts";
import type { WorkerPool } from "../cluster/workers/worker_pool.ts";

/** Requests at a time whose answers take their time. */
const LONG_ANSWERS = 1000;

/** Those of one client, so that eight of them are needed to take all places. */
const LONG_ANSWERS_PER_CLIENT = LONG_ANSWERS / 8;

/** What the routes of an instance may ask for. */
export interface Parts {
  /** The service in figures. */
  readonly metrics: ThreadMetrics;
  /** Where answers that take their time have their place. */
  readonly longRunningRequests: LongRunningRequests;
  /** Limits wrong tokens. */
  readonly tokenFailures: TokenFailures;
  /** Calls to the sessions of this instance and, where there is a bus, of all. */
  readonly calls: RemoteSessions;
  /** Whether the service is shutting down. */
  isDraining(): boolean;
}

/** An instance that does not listen yet. */
export interface Instance {
  /** What its listeners serve. */
  readonly service: Service;
  /** What a shutdown has to end beside them. */
  readonly listeners: readonly Stoppable[];
}

/**
 * Puts an instance together.
 *
 * @param config what the operator asks for
 * @param worker pool the threads that it is one of
 * @param version of the service, for the metrics
 * @param routesOf makes the router map
 * @throws {BusError} a bus that cannot be used
 * @throws {StartError} a router map that cannot be used
 */
export async function assemble(
  config: Config,
  workerPool: WorkerPool,
  version: string,
  routesOf: (parts: Parts) => Routes,
): Promise<Instance> {
  const log = getLogger("ws_echo_server");
  const sessions = new Sessions(config.maxConnections, {
    purge: config.lruPurge,
    instance: workerPool.instance,
    connectionSlots: workerPool.shared?.connectionSlots,
  });
  const workQueue = new WorkQueue({
    onError: (error, origin) => log.error(`Work of ${origin} failed:`, error),
  });
  const memory = new MemoryAccount(
    config.memoryLimit / config.workers,
    workerPool.shared && {
      memory: workerPool.shared.memoryTotals,
      index: workerPool.shared.instances.indexOf(sessions.instance),
    },
  );
  const observer = new Metrics({ sessions, workQueue, memory, version });
  const metrics = new ThreadMetrics(
    observer,
    sessions.instance,
    workerPool.channel("metrics"),
  );
  const { remoteSessions, listeners } = connectSessions(
    sessions,
    config.sendBufferLimit,
    await sessionsChannel(config, workerPool),
  );
  const { connectionsPerAddress } = config;
  const clientOf = clientsBehind(config.trustedProxies);
  const addressLimiter = workerPool.shared?.addressLimiter;
  const longRunningRequests = new LongRunningRequests(
    LONG_ANSWERS,
    connectionsPerAddress > 0
      ? {
        limit: Math.min(connectionsPerAddress, LONG_ANSWERS_PER_CLIENT),
        clientOf,
        observer,
      }
      : undefined,
    memory,
  );
  const tokenFailures = new TokenFailures({
    clientOf,
    observer,
    ...(addressLimiter &&
      { now: commonClock(addressLimiter), memory: addressLimiter.failures }),
  });
  const isDraining = () => service.draining;
  const routes = routesOf({
    metrics,
    longRunningRequests,
    tokenFailures,
    calls: remoteSessions,
    isDraining,
  });
  const service: Service = {
    router: startStep(
      "the router map",
      () => new Router(limitMessages(routes, config.messageRate, observer)),
    ),
    sessions,
    memory,
    workQueue,
    observer,
    addressLimiter: addressLimiterOf(config, addressLimiter),
    limits: config,
    allowedOrigins: config.allowedOrigins,
    compression: config.compression,
    draining: false,
  };
  return { service, listeners: [longRunningRequests, metrics, ...listeners] };
}

/** The way to the other instances: through Redis, or between threads. */
async function sessionsChannel(
  { bus }: Config,
  workerPool: WorkerPool,
): Promise<OpenChannel | undefined> {
  return bus === undefined
    ? workerPool.channel("sessions")
    : await redisChannel(bus);
}
