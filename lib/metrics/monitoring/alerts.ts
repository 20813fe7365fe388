/**
 * The alert rules for Prometheus.
 *
 * @module
 */

import { Queries } from "./query.ts";

const q = new Queries();

/** One alert rule. */
export interface Alert {
  /** Its name. */
  readonly name: string;
  /** The condition, in PromQL. */
  readonly expr: string;
  /** Time that the condition must hold, such as `10m`. */
  readonly for: string;
  /** How urgent it is. */
  readonly severity: "warning" | "critical";
  /** What happens, in one sentence with the values of the labels. */
  readonly summary: string;
  /** What to look at, or to do. */
  readonly description: string;
}

/** The rules, the most urgent first. */
export const ALERTS: readonly Alert[] = [
  {
    name: "WsEchoDown",
    expr: 'up{job="ws-echo-server"} == 0',
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.instance }} does not answer a scrape.",
    description:
      "The process has ended, a thread does not reply, or METRICS_TOKEN is wrong. GET /livez shows which.",
  },
  {
    name: "WsEchoRestarts",
    expr: `resets(${q.each("process_uptime_seconds")}[30m]) > 2`,
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.instance }} has restarted several times.",
    description:
      "Exit code 75 means that the runtime held memory that MEMORY_LIMIT cannot bound; the log has the reason of other ends.",
  },
  {
    name: "WsEchoServerErrors",
    expr: `${
      q.count(
        "http_server_request_duration_seconds",
        "5m",
        ["http_route"],
        'http_response_status_code="500"',
      )
    } > 0`,
    for: "5m",
    severity: "critical",
    summary: "Handlers of {{ $labels.http_route }} fail with 500.",
    description: "The log has an ERROR line with the stack of the handler.",
  },
  {
    name: "WsEchoLimitRefusals",
    expr: `${
      q.rate("websocket_server_limit_refusals_total", "5m", ["limit"])
    } > 0`,
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.limit }} refuses clients.",
    description:
      "A client misbehaves, or the limit is too low. The log has a line for each refusal with the client's address.",
  },
  {
    name: "WsEchoSlowReaders",
    expr: `${
      q.rate("websocket_server_send_buffer_cutoffs_total", "5m", ["http_route"])
    } > 0`,
    for: "10m",
    severity: "warning",
    summary:
      "Clients of {{ $labels.http_route }} do not read, and are cut off.",
    description:
      "SEND_BUFFER_LIMIT closes them with 1008. For clients on slow networks, send smaller messages or raise the limit.",
  },
  {
    name: "WsEchoAbnormalCloses",
    expr: `${
      q.rate(
        "websocket_server_connections_closed_total",
        "10m",
        [],
        'websocket_close_code="1006"',
      )
    } / ${
      q.rate("websocket_server_connections_closed_total", "10m")
    } > 0.5 and ${
      q.rate("websocket_server_connections_closed_total", "10m")
    } > 0.1`,
    for: "15m",
    severity: "warning",
    summary: "Most connections end without a CLOSE.",
    description:
      "A proxy in front may end them: its idle timeout must be longer than half of IDLE_TIMEOUT.",
  },
  {
    name: "WsEchoSlowReplies",
    expr: `${
      q.quantile("websocket_server_echo_duration_seconds", 0.99, "5m", [
        "listener",
      ])
    } > 0.01`,
    for: "10m",
    severity: "warning",
    summary:
      "One reply in a hundred of the {{ $labels.listener }} listener takes more than 10 ms.",
    description:
      "The process lacks processor time: raise WORKERS, or start more instances.",
  },
  {
    name: "WsEchoWorkQueue",
    expr: `${q.each("websocket_server_work_queue_depth")} > 1000`,
    for: "5m",
    severity: "warning",
    summary:
      "The work queue of {{ $labels.instance }} has more than 1000 items.",
    description:
      "Clients cause work faster than it is done: lower MESSAGE_RATE, or start more instances.",
  },
];

/** Writes the rules as YAML. */
export function alertRules(): string {
  return [
    "# Made by `deno task monitoring` from lib/metrics/monitoring/alerts.ts.",
    "groups:",
    "  - name: ws-echo-server",
    "    rules:",
    ...ALERTS.flatMap((alert) => [
      `      - alert: ${alert.name}`,
      `        expr: ${JSON.stringify(alert.expr)}`,
      `        for: ${alert.for}`,
      "        labels:",
      `          severity: ${alert.severity}`,
      "        annotations:",
      `          summary: ${JSON.stringify(alert.summary)}`,
      `          description: ${JSON.stringify(alert.description)}`,
    ]),
    "",
  ].join("\n");
}
