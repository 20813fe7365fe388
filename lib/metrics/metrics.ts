/**
 * The metrics of the service, for Prometheus. Names follow OpenTelemetry's semantic
 * conventions where there are any, in the notation of Prometheus.
 *
 * No message costs a call here. The listeners report connections and responses; the
 * messages of a connection are added up at scrape time.
 *
 * @module
 */

import process from "node:process";
import { Counter, Gauge, Histogram, Registry } from "./prom_client.ts";
import { described } from "./table.ts";
import { mergeTexts } from "./merge.ts";
import { closeCodeLabel, methodLabel, statusLabel } from "./labels.ts";
import { ProcessMetrics } from "./process_metrics.ts";
import type { MemoryAccount } from "../memory/account.ts";
import type { Answer, LimitName, Observer } from "../observer.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Connection, ListenerName, Traffic } from "../websocket.ts";
import type { WorkQueue } from "../work_queue.ts";

/** Sources that are read at scrape time. */
export interface MetricsSources {
  /** Open connections. */
  readonly sessions: Sessions;
  /** Work queue. */
  readonly workQueue: WorkQueue;
  /** Memory that is held for clients. */
  readonly memory: MemoryAccount;
  /** Version of the service. */
  readonly version: string;
}

/** The connections of one listener and route. */
interface Group {
  readonly labels: {
    readonly listener: ListenerName;
    readonly http_route: string;
  };
  /** Traffic of the closed connections. */
  readonly past: Sum;
}

/** A number of connections and their traffic. */
type Sum =
  & { connections: number }
  & { -readonly [Key in keyof Traffic]: number };

/**
 * The figures of the console's page.
 *
 * @example
 * ```ts
 * import { type Figures, serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const noFigures: Figures = { connections: 0, messages: 0 };
 * let read = () => Promise.resolve(noFigures);
 * await using server = await serve({
 *   routes({ metrics }) {
 *     read = () => metrics.figures();
 *     return { "/ws": { frame() {} } };
 *   },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * assertEquals(await read(), { connections: 1, messages: 0 });
 * ```
 */
export interface Figures {
  /** Open connections. */
  readonly connections: number;
  /** Data messages in both directions. */
  readonly messages: number;
}

/** Collects and writes the metrics of the service. */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #sources: MetricsSources;
  readonly #process: ProcessMetrics;
  readonly #groups = new Map<string, Group>();

  readonly #requests = new Histogram(
    described("http_server_request_duration_seconds", this.#registry),
  );
  readonly #handshakes = new Counter(
    described("websocket_server_handshakes_total", this.#registry),
  );
  readonly #connections = new Gauge(
    described("websocket_server_active_connections", this.#registry),
  );
  readonly #durations = new Histogram(
    described("websocket_server_connection_duration_seconds", this.#registry),
  );
  readonly #closed = new Counter(
    described("websocket_server_connections_closed_total", this.#registry),
  );
  readonly #messages = new Counter(
    described("websocket_server_messages_total", this.#registry),
  );
  readonly #bytes = new Counter(
    described("websocket_server_io_bytes_total", this.#registry),
  );
  readonly #echoes = new Histogram(
    described("websocket_server_echo_duration_seconds", this.#registry),
  );
  readonly #cutOffs = new Counter(
    described("websocket_server_send_buffer_cutoffs_total", this.#registry),
  );
  readonly #limited = new Counter(
    described("websocket_server_limit_refusals_total", this.#registry),
  );
  readonly #queued = new Gauge(
    described("websocket_server_work_queue_depth", this.#registry),
  );
  readonly #held = new Gauge(
    described("websocket_server_memory_held_bytes", this.#registry),
  );
  readonly #timers = new Gauge(
    described("websocket_server_timers", this.#registry),
  );

  /**
   * Starts with every metric at 0.
   *
   * @param sources read at scrape time
   */
  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#process = new ProcessMetrics(sources.version);
  }

  /** Writes the metrics of this thread in Prometheus' text format. */
  async counted(): Promise<string> {
    this.#readSources();
    return await this.#registry.metrics();
  }

  /**
   * Writes the metrics of all threads and of the process.
   *
   * @param others the metrics of the other threads
   */
  async text(others: readonly string[] = []): Promise<string> {
    const own = await this.counted();
    const counted = others.length === 0 ? own : mergeTexts([own, ...others]);
    return [counted, await this.#process.text()].join("\n");
  }

  /** Sums up the figures of this thread. */
  figures(): Figures {
    let connections = 0;
    let messages = 0;
    for (const sum of this.#sums().values()) {
      connections += sum.connections;
      messages += sum.messagesReceived + sum.messagesSent;
    }
    return { connections, messages };
  }

  /** See {@linkcode Observer.answered}. */
  answered(answer: Answer): void {
    const { listener, method, path = "", isHandshake, seconds } = answer;
    const http_response_status_code = statusLabel(answer.status);
    this.#requests.observe({
      listener,
      http_request_method: methodLabel(method),
      http_route: path,
      http_response_status_code,
    }, seconds);
    if (!isHandshake) return;
    this.#handshakes.inc({
      listener,
      http_route: path,
      outcome: answer.status === 101 ? "accepted" : "refused",
      http_response_status_code,
    });
  }

  /** See {@linkcode Observer.opened}. */
  opened(connection: Connection): void {
    this.#group(connection);
  }

  /** See {@linkcode Observer.closed}. */
  closed(connection: Connection, code: number): void {
    const { labels, past } = this.#group(connection);
    add(past, connection.traffic);
    this.#closed.inc({ ...labels, websocket_close_code: closeCodeLabel(code) });
    this.#durations.observe(
      labels,
      Math.max(0, Date.now() - connection.openedAt) / 1000,
    );
  }

  /** See {@linkcode Observer.echoed}. */
  echoed(connection: Connection, seconds: number): void {
    this.#echoes.observe(this.#group(connection).labels, seconds);
  }

  /** See {@linkcode Observer.cutOff}. */
  cutOff(connection: Connection): void {
    this.#cutOffs.inc(this.#group(connection).labels);
  }

  /** See {@linkcode Observer.limited}. */
  limited(limit: LimitName, listener: ListenerName): void {
    this.#limited.inc({ listener, limit });
  }

  #group({ listener, path }: Connection): Group {
    const key = `${listener} ${path}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { labels: { listener, http_route: path }, past: nothing() };
      this.#groups.set(key, group);
      this.#cutOffs.inc(group.labels, 0);
    }
    return group;
  }

  /** Adds up the traffic of each group. */
  #sums(): Map<Group, Sum> {
    const sums = new Map<Group, Sum>();
    for (const group of this.#groups.values()) {
      sums.set(group, { ...group.past });
    }
    for (const connection of this.#sources.sessions.list()) {
      const sum = sums.get(this.#group(connection))!;
      sum.connections++;
      add(sum, connection.traffic);
    }
    return sums;
  }

  /** Reads the sources. */
  #readSources(): void {
    this.#messages.reset();
    this.#bytes.reset();
    for (const [{ labels }, sum] of this.#sums()) {
      const received = { ...labels, network_io_direction: "receive" };
      const sent = { ...labels, network_io_direction: "transmit" };
      this.#connections.set(labels, sum.connections);
      this.#messages.inc(received, sum.messagesReceived);
      this.#messages.inc(sent, sum.messagesSent);
      this.#bytes.inc(received, sum.bytesReceived);
      this.#bytes.inc(sent, sum.bytesSent);
    }
    this.#queued.set(this.#sources.workQueue.size);
    this.#held.set(this.#sources.memory.total);
    this.#timers.set(
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")
        .length,
    );
  }
}

function nothing(): Sum {
  return {
    connections: 0,
    messagesReceived: 0,
    bytesReceived: 0,
    messagesSent: 0,
    bytesSent: 0,
  };
}

function add(sum: Sum, traffic: Traffic): void {
  sum.messagesReceived += traffic.messagesReceived;
  sum.bytesReceived += traffic.bytesReceived;
  sum.messagesSent += traffic.messagesSent;
  sum.bytesSent += traffic.bytesSent;
}
