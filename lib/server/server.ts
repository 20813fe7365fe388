/**
 * A running server, as its program sees it.
 *
 * @module
 */

import type { ServerConfig } from "../config/server_config.ts";
import { duration } from "../config/kinds.ts";
import { OptionsError } from "../config/options_error.ts";
import type { Service } from "../listener/service.ts";
import type { ProcessMemory } from "../memory/unexplained.ts";
import type { Stoppable } from "../stoppable.ts";
import { type Identity, readIdentity } from "../tls/identity.ts";
import type { Work } from "../work_queue.ts";
import type { Instance } from "./assemble.ts";
import type { ListenerInfo, OpenListeners } from "./listeners.ts";
import { ServerRoutes } from "./server_routes.ts";
import { ServerSessions } from "./server_sessions.ts";
import { DRAIN_CODES, type DrainOptions } from "./drain.ts";
import { shutdown } from "./shutdown.ts";
import { type Addresses, type Urls, urlsOf } from "./urls.ts";

/** The parts of a server. */
export interface ServerParts {
  /** The configuration. */
  readonly config: ServerConfig;
  /** The instance. */
  readonly instance: Instance;
  /** Its listeners. */
  readonly opened: OpenListeners;
  /** Whether this thread has started the other threads, if any. */
  readonly isMain: boolean;
  /** Parts to stop, the listeners included. */
  readonly stoppables: readonly Stoppable[];
  /** Called when everything is stopped. */
  readonly onStopped: () => void;
}

/** The outcome of a shutdown. */
export interface ShutdownOutcome {
  /** Whether every connection, request and item of the work queue ended in time. */
  readonly inTime: boolean;
  /** Number of connections that did not close in time, and were ended. */
  readonly cutOff: number;
}

/** Options of {@linkcode Server.shutdown}. */
export interface ShutdownOptions {
  /**
   * Milliseconds until the rest is ended, 0 to 86400000.
   * @default `shutdownTimeout`
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds over which the closes are spread, in addition, 0 to 86400000. A drain
   * that runs keeps its own time.
   * @default `drainTime`
   */
  readonly drainTime?: number | undefined;
}

function checkTime(option: string, time: number): void {
  if (time === 0 || duration.check(time) !== undefined) return;
  throw new OptionsError(
    option,
    `is not valid; allowed: ${duration.allowedOption}, or 0`,
  );
}

/** A running server. Disposing of it shuts it down. */
export class Server implements AsyncDisposable {
  /** The addresses that the listeners are bound to, with the ports that were taken. */
  readonly addresses: Addresses;
  /** The URLs of the listeners. */
  readonly urls: Urls;
  /** The listeners that are open, the edge listener first. */
  readonly listeners: readonly ListenerInfo[];
  /** The router map, which can be changed. */
  readonly routes: ServerRoutes;
  /** The open connections. */
  readonly sessions: ServerSessions;
  /** The memory that is held for clients. */
  readonly memory: ProcessMemory;
  /** Whether this thread has started the other threads, if any: true with one thread. */
  readonly isMain: boolean;

  readonly #parts: ServerParts;
  readonly #service: Service;
  #identity: Identity | undefined;
  #stopped: Promise<ShutdownOutcome> | undefined;

  /**
   * Use `serve()` instead.
   *
   * @param parts the parts of a server that listens
   */
  constructor(parts: ServerParts) {
    const { config, instance, opened } = parts;
    this.#parts = parts;
    this.#service = instance.service;
    this.#identity = opened.identity;
    this.addresses = opened.addresses;
    this.urls = urlsOf(opened.addresses, opened.identity !== undefined);
    this.listeners = opened.running;
    this.routes = new ServerRoutes(this.#service, config);
    this.sessions = new ServerSessions(
      this.#service.sessions,
      instance.remoteSessions,
    );
    this.memory = this.#service.memory;
    this.isMain = parts.isMain;
  }

  /** Whether the server is shutting down: it refuses handshakes. */
  get isDraining(): boolean {
    return this.#service.draining;
  }

  /** When the certificate expires; `undefined`: no TLS. */
  get certificateExpires(): Date | undefined {
    return this.#identity?.expires;
  }

  /**
   * Runs work on the work queue, after the current event and in the order of the calls.
   *
   * @param work an error or a rejection is logged and has no other effect
   * @throws {WorkQueueFullError} the queue holds its limit
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * server.queueWork(() => console.log("second"));
   * console.log("first");
   * ```
   */
  queueWork(work: Work): void {
    this.#service.workQueue.add(work, "queueWork()");
  }

  /**
   * Writes the metrics in Prometheus' text format, version 0.0.4.
   *
   * @throws {Error} a thread does not reply
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   *
   * await using server = await serve({
   *   routes: ({ metrics }) => ({
   *     "/metrics": { GET: async () => new Response(await metrics.text()) },
   *   }),
   *   host: "127.0.0.1",
   *   port: 0,
   * });
   * const text = await server.metrics();
   * ```
   */
  metrics(): Promise<string> {
    return this.#parts.instance.metrics.text();
  }

  /**
   * Reads certificate and key again and uses them for new connections. If that fails, the
   * old ones stay. Does nothing without TLS.
   *
   * @throws {TlsError} certificate or key is unusable
   */
  renewCertificate(): void {
    const { config, opened } = this.#parts;
    if (config.tls === undefined) return;
    const identity = readIdentity(config.tls);
    this.#identity = identity;
    for (const listener of opened.listeners) listener.renew(identity);
  }

  /**
   * Starts a drain of all threads: handshakes get 503, and clients are closed over a
   * time. The listeners stay open, and HTTP routes are served. A further call changes
   * nothing and returns the same promise.
   *
   * @param options `time` in milliseconds, 0 to 86400000, by default `drainTime`; `code`,
   * 1012 by default
   * @returns resolves when every client of this thread is sent a CLOSE
   * @throws {OptionsError} an option that is not allowed
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * await server.drain({ time: 100, code: 1012 });
   * console.log(server.isDraining); // true
   * ```
   */
  drain(options: Partial<DrainOptions> = {}): Promise<void> {
    const { time = this.#parts.config.drainTime, code = 1012 } = options;
    checkTime("time", time);
    if (!DRAIN_CODES.includes(code)) {
      throw new OptionsError("code", "is not valid; allowed: 1001 or 1012");
    }
    return this.#parts.instance.drain.start({ time, code });
  }

  /**
   * Shuts the server down: it stops accepting, handles what it has received, drains the
   * work queue, closes every connection with 1001 and waits for the answers. After the
   * timeout it ends the rest. A further call returns the same promise.
   *
   * @param options the times, by default those of the settings
   * @throws {OptionsError} a time that is not allowed
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   *
   * const server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * const { inTime, cutOff } = await server.shutdown({ timeout: 1000 });
   * if (!inTime) console.log(`${cutOff} connections did not close in time`);
   * ```
   */
  shutdown(
    options: ShutdownOptions = {},
  ): Promise<ShutdownOutcome> {
    const { shutdownTimeout, drainTime: defaultTime } = this.#parts.config;
    const { timeout = shutdownTimeout, drainTime = defaultTime } = options;
    checkTime("timeout", timeout);
    checkTime("drainTime", drainTime);
    return this.#stopped ??= this.#shutDown(timeout, drainTime);
  }

  async #shutDown(
    timeout: number,
    drainTime: number,
  ): Promise<ShutdownOutcome> {
    const { stoppables, onStopped, instance: { drain } } = this.#parts;
    const service = this.#service;
    let cutOff = 0;
    const onTimeout = () => cutOff = service.sessions.total;
    const closing = drain.options === undefined ? drainTime : drain.rest;
    const inTime = await shutdown(
      service,
      stoppables,
      timeout + closing,
      onTimeout,
      () => drain.close(drainTime),
    );
    onStopped();
    return { inTime, cutOff };
  }

  /** Shuts the server down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
