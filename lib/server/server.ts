/**
 * A running server, as its program sees it.
 *
 * @module
 */

import type { ServerConfig } from "../config/server_config.ts";
import { wrongArgument } from "../errors/argument.ts";
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

/**
 * The outcome of a shutdown.
 *
 * @example
 * ```ts
 * import { serve, type ShutdownOutcome } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const outcome: ShutdownOutcome = await server.shutdown({ timeout: 1000 });
 * assertEquals(outcome, { inTime: true, cutOff: 0 });
 * ```
 */
export interface ShutdownOutcome {
  /** Whether every connection, request and item of the work queue ended in time. */
  readonly inTime: boolean;
  /** Number of connections that did not close in time, and were ended. */
  readonly cutOff: number;
}

/**
 * Options of {@linkcode Server.shutdown}.
 *
 * @example
 * ```ts
 * import { serve, type ShutdownOptions } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ShutdownOptions = { timeout: 1000, drainTime: 100 };
 * const server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * assertEquals(await server.shutdown(options), { inTime: true, cutOff: 0 });
 * ```
 */
export interface ShutdownOptions {
  /**
   * Milliseconds until the rest is ended, 0 to 86400000; 0 ends everything at once,
   * without a CLOSE.
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

/** The longest time of a shutdown or a drain, in milliseconds: a day. */
const MAX_TIMEOUT = 24 * 60 * 60 * 1000;

function checkTime(option: string, time: unknown): void {
  if (typeof time !== "number") {
    throw wrongArgument(option, "a number of milliseconds", time);
  }
  if (time >= 0 && time <= MAX_TIMEOUT) return;
  throw new RangeError(
    `${option} is ${time}; allowed: milliseconds from 0 to ${MAX_TIMEOUT}`,
  );
}

/**
 * A running server. Disposing of it shuts it down.
 *
 * @example
 * ```ts
 * import { serve, type Server } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const server: Server = await serve({
 *   routes: {
 *     "/sessions": { GET: async () => Response.json(await server.sessions.list()) },
 *   },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/sessions`);
 * assertEquals(await response.json(), { sessions: [], partial: false });
 * await server.shutdown();
 * ```
 */
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
   * @throws {TypeError} the work is no function
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { assertEquals } from "@std/assert";
   *
   * const order: string[] = [];
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * server.queueWork(() => void order.push("work"));
   * order.push("event");
   * await server.shutdown();
   * assertEquals(order, ["event", "work"]);
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
   * import { assertMatch } from "@std/assert";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * assertMatch(await server.metrics(), /^# HELP/);
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
   * @throws {RangeError} a time or a code that is not allowed
   * @throws {TypeError} a time that is no number
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
    if (typeof options !== "object" || options === null) {
      throw wrongArgument("options", "{ time, code }", options);
    }
    const { time = this.#parts.config.drainTime, code = 1012 } = options;
    checkTime("time", time);
    if (!DRAIN_CODES.includes(code)) {
      throw new RangeError(
        `code is ${code}; allowed: ${DRAIN_CODES.join(", ")}`,
      );
    }
    return this.#parts.instance.drain.start({ time, code });
  }

  /**
   * Shuts the server down: it stops accepting, handles what it has received, drains the
   * work queue, closes every connection with 1001 and waits for the answers. After the
   * timeout it ends the rest. A further call returns the same promise.
   *
   * @param options the times, by default those of the settings
   * @throws {RangeError} a time that is negative, above a day or `NaN`
   * @throws {TypeError} a time that is no number
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { connectUnchecked } from "@ws-echo/server/client";
   * import { assertEquals } from "@std/assert";
   *
   * const routes = { "/ws": { frame() {} } };
   * const server = await serve({ routes, host: "127.0.0.1", port: 0 });
   * await using _mute = await connectUnchecked(`${server.urls.frame}/ws`);
   * const { inTime, cutOff } = await server.shutdown({ timeout: 100 });
   * assertEquals([inTime, cutOff], [false, 1]); // no answer to the CLOSE
   * ```
   */
  shutdown(
    options: ShutdownOptions = {},
  ): Promise<ShutdownOutcome> {
    if (typeof options !== "object" || options === null) {
      throw wrongArgument("options", "{ timeout, drainTime }", options);
    }
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
