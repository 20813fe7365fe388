/**
 * The service in figures, for Prometheus. Names follow OpenTelemetry's semantic
 * conventions where there are any, in Prometheus' spelling.
 *
 * Nothing here is called for every message. The listeners tell of connections
 * and answers; what went through a connection is added up at a scrape.
 *
 * @module
 */

import process from "node:process";
import { Counter, Gauge, Histogram, Registry } from "./prom_client.ts";
import { mergeTexts } from "./merge.ts";
import { closeCodeLabel, methodLabel, statusLabel } from "./labels.ts";
import { ProcessMetrics } from "./process_metrics.ts";
import type { MemoryAccount } from "../memory/account.ts";
import type { Answer, LimitName, Observer } from "../observer.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Connection, ListenerName, Traffic } from "../websocket.ts";
import type { WorkQueue } from "../work_queue.ts";

/** Where the figures come from, beside what the observer is told. */
export interface MetricsSources {
  /** Who is connected. */
  readonly sessions: Sessions;
  /** Whose depth is shown. */
  readonly workQueue: WorkQueue;
  /** What is held for clients. */
  readonly memory: MemoryAccount;
  /** The service's version. */
  readonly version: string;
}

/** Seconds; those of the conventions for `http.server.request.duration`. */
const REQUEST_BUCKETS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
];

/** Seconds: an echo takes microseconds, a handler that hangs milliseconds. */
const ECHO_BUCKETS = [
  1e-6,
  2.5e-6,
  5e-6,
  1e-5,
  2.5e-5,
  5e-5,
  1e-4,
  2.5e-4,
  5e-4,
  1e-3,
  2.5e-3,
  1e-2,
  1e-1,
];

/** Seconds: from a client that only looks in to one that stays for a day. */
const CONNECTION_BUCKETS = [0.1, 1, 10, 60, 600, 3600, 21600, 86400];

/** What all connections of one listener and route have in common. */
interface Group {
  readonly labels: {
    readonly listener: ListenerName;
    readonly http_route: string;
  };
  /** What went through those that are gone. */
  readonly past: Sum;
}

/** Connections and what went through them. */
type Sum =
  & { connections: number }
  & { -readonly [Key in keyof Traffic]: number };

/** The figures that a person looks at first. */
export interface Figures {
  /** Connections that are open. */
  readonly connections: number;
  /** Data messages that have gone over connections, in both directions. */
  readonly messages: number;
}

/** Collects the service's figures and writes them down. */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #sources: MetricsSources;
  readonly #process: ProcessMetrics;
  readonly #groups = new Map<string, Group>();

  readonly #requests = new Histogram({
    name: "http_server_request_duration_seconds",
    help:
      "Time from a request's head to its answer's, handshakes and their 101 included.",
    labelNames: [
      "listener",
      "http_request_method",
      "http_route",
      "http_response_status_code",
    ],
    buckets: REQUEST_BUCKETS,
    registers: [this.#registry],
  });
  readonly #handshakes = new Counter({
    name: "websocket_server_handshakes_total",
    help: "Handshakes that were answered.",
    labelNames: [
      "listener",
      "http_route",
      "outcome",
      "http_response_status_code",
    ],
    registers: [this.#registry],
  });
  readonly #connections = new Gauge({
    name: "websocket_server_active_connections",
    help: "Connections that are open.",
    labelNames: ["listener", "http_route"],
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: "websocket_server_connection_duration_seconds",
    help: "Time from the end of the handshake to the end of the connection.",
    labelNames: ["listener", "http_route"],
    buckets: CONNECTION_BUCKETS,
    registers: [this.#registry],
  });
  readonly #closed = new Counter({
    name: "websocket_server_connections_closed_total",
    help: "Connections that have ended, by close code.",
    labelNames: ["listener", "http_route", "websocket_close_code"],
    registers: [this.#registry],
  });
  readonly #messages = new Counter({
    name: "websocket_server_messages_total",
    help: "Data messages that have gone over connections.",
    labelNames: ["listener", "http_route", "network_io_direction"],
    registers: [this.#registry],
  });
  readonly #bytes = new Counter({
    name: "websocket_server_io_bytes_total",
    help: "Payload bytes of data messages, before compression.",
    labelNames: ["listener", "http_route", "network_io_direction"],
    registers: [this.#registry],
  });
  readonly #echoes = new Histogram({
    name: "websocket_server_echo_duration_seconds",
    help:
      "Time from the arrival of input to the hand-over of its answer to the socket; one input in 256 is timed.",
    labelNames: ["listener", "http_route"],
    buckets: ECHO_BUCKETS,
    registers: [this.#registry],
  });
  readonly #cutOffs = new Counter({
    name: "websocket_server_send_buffer_cutoffs_total",
    help: "Connections closed because too much waited in their send buffer.",
    labelNames: ["listener", "http_route"],
    registers: [this.#registry],
  });
  readonly #limited = new Counter({
    name: "websocket_server_limit_refusals_total",
    help: "Peers turned away by a limit, by the variable that sets it.",
    labelNames: ["listener", "limit"],
    registers: [this.#registry],
  });
  readonly #queued = new Gauge({
    name: "websocket_server_work_queue_depth",
    help: "Items of the work queue that are not finished.",
    registers: [this.#registry],
  });
  readonly #held = new Gauge({
    name: "websocket_server_memory_held_bytes",
    help: "Memory that is held for clients, of MEMORY_LIMIT.",
    registers: [this.#registry],
  });
  readonly #timers = new Gauge({
    name: "websocket_server_timers",
    help: "Timers that JavaScript has set.",
    registers: [this.#registry],
  });

  /**
   * Starts with nothing counted.
   *
   * @param sources where figures are read at a scrape
   */
  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#process = new ProcessMetrics(sources.version);
  }

  /** Writes what was counted here in Prometheus' text format. */
  async counted(): Promise<string> {
    this.#read();
    return await this.#registry.metrics();
  }

  /**
   * Writes all figures, those of the process included.
   *
   * @param others what was counted by other threads of it
   */
  async text(others: readonly string[] = []): Promise<string> {
    const own = await this.counted();
    const counted = others.length === 0 ? own : mergeTexts([own, ...others]);
    return [counted, await this.#process.text()].join("\n");
  }

  /** Sums up what was counted here. */
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

  /** Adds up what has gone over the connections of each group. */
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

  /** Reads what nobody tells. */
  #read(): void {
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
