/**
 * The table of metrics: names, types, descriptions and labels.
 *
 * @module
 */

import type { MetricOptions, MetricRegistry } from "./prom_client.ts";

/** Seconds, by the conventions for `http.server.request.duration`. */
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

/** Seconds: an echo takes microseconds, a slow handler milliseconds. */
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

/** Seconds: from a tenth of a second to a day. */
const CONNECTION_BUCKETS = [0.1, 1, 10, 60, 600, 3600, 21600, 86400];

/** One metric. */
export interface MetricInfo {
  /** Its type. */
  readonly type: "counter" | "gauge" | "histogram";
  /** Description without quotation marks. */
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** The metrics by their names in the notation of Prometheus. */
export const METRICS = {
  http_server_request_duration_seconds: {
    type: "histogram",
    help:
      "Time from the head of a request to the head of its response, handshakes included.",
    labels: [
      "listener",
      "http_request_method",
      "http_route",
      "http_response_status_code",
    ],
    buckets: REQUEST_BUCKETS,
  },
  websocket_server_handshakes_total: {
    type: "counter",
    help: "Handshakes with a response.",
    labels: ["listener", "http_route", "outcome", "http_response_status_code"],
  },
  websocket_server_active_connections: {
    type: "gauge",
    help: "Open connections.",
    labels: ["listener", "http_route"],
  },
  websocket_server_connection_duration_seconds: {
    type: "histogram",
    help: "Time from the end of the handshake to the end of the connection.",
    labels: ["listener", "http_route"],
    buckets: CONNECTION_BUCKETS,
  },
  websocket_server_connections_closed_total: {
    type: "counter",
    help: "Closed connections, by close code.",
    labels: ["listener", "http_route", "websocket_close_code"],
  },
  websocket_server_messages_total: {
    type: "counter",
    help: "Data messages.",
    labels: ["listener", "http_route", "network_io_direction"],
  },
  websocket_server_io_bytes_total: {
    type: "counter",
    help: "Payload bytes of data messages, before compression.",
    labels: ["listener", "http_route", "network_io_direction"],
  },
  websocket_server_echo_duration_seconds: {
    type: "histogram",
    help:
      "Time from the arrival of input until the socket has the reply; one input in 256 is measured.",
    labels: ["listener", "http_route"],
    buckets: ECHO_BUCKETS,
  },
  websocket_server_send_buffer_cutoffs_total: {
    type: "counter",
    help: "Connections closed because their send buffer was above its limit.",
    labels: ["listener", "http_route"],
  },
  websocket_server_limit_refusals_total: {
    type: "counter",
    help:
      "Connections and requests refused by a limit, by the variable of the limit.",
    labels: ["listener", "limit"],
  },
  websocket_server_work_queue_depth: {
    type: "gauge",
    help: "Unfinished items of the work queue.",
    labels: [],
  },
  websocket_server_memory_held_bytes: {
    type: "gauge",
    help: "Memory held for clients, which MEMORY_LIMIT bounds.",
    labels: [],
  },
  websocket_server_timers: {
    type: "gauge",
    help: "Active JavaScript timers.",
    labels: [],
  },
  process_uptime_seconds: {
    type: "gauge",
    help: "Time since the process started.",
    labels: [],
  },
  process_cpu_time_seconds_total: {
    type: "counter",
    help: "Processor time of the process.",
    labels: ["cpu_mode"],
  },
  process_memory_usage_bytes: {
    type: "gauge",
    help: "Resident memory of the process.",
    labels: [],
  },
  v8js_memory_heap_used_bytes: {
    type: "gauge",
    help: "Memory of JavaScript objects in all heap spaces of V8.",
    labels: [],
  },
  target_info: {
    type: "gauge",
    help: "The service and its runtime.",
    labels: [
      "service_name",
      "service_version",
      "process_runtime_name",
      "process_runtime_version",
    ],
  },
} as const satisfies Readonly<Record<string, MetricInfo>>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;

/**
 * Makes the options of a metric.
 *
 * @param name its name
 * @param registry writes it
 */
export function described(
  name: MetricName,
  registry: MetricRegistry,
): MetricOptions {
  const { help, labels, buckets }: MetricInfo = METRICS[name];
  return {
    name,
    help,
    labelNames: labels,
    ...(buckets && { buckets }),
    registers: [registry],
  };
}
