/**
 * The dashboard for Grafana 10 or later.
 *
 * @module
 */

import { Queries } from "./query.ts";

/** A graph with one or more expressions. */
interface Panel {
  readonly title: string;
  /** Unit, by Grafana's names. */
  readonly unit: string;
  /** Expressions by the legends of their series. */
  readonly queries: readonly (readonly [legend: string, query: string])[];
}

/** A row of panels. */
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The job and the instances that are chosen above the panels. */
const q = new Queries('job=~"$job", instance=~"$instance"');

const WINDOW = "$__rate_interval";

const ROUTE = ["listener", "http_route"] as const;
const ROUTE_LEGEND = "{{listener}} {{http_route}}";
const TRAFFIC = ["listener", "network_io_direction"] as const;
const TRAFFIC_LEGEND = "{{listener}} {{network_io_direction}}";

function rows(): Row[] {
  return [
    {
      title: "Connections",
      panels: [
        panel("Open connections", "short", [
          [ROUTE_LEGEND, q.value("websocket_server_active_connections", ROUTE)],
        ]),
        panel("Handshakes", "reqps", [
          [
            "{{listener}} {{outcome}} {{http_response_status_code}}",
            q.rate("websocket_server_handshakes_total", WINDOW, [
              "listener",
              "outcome",
              "http_response_status_code",
            ]),
          ],
        ]),
        panel("Closes by code", "cps", [
          [
            "{{listener}} {{websocket_close_code}}",
            q.rate("websocket_server_connections_closed_total", WINDOW, [
              "listener",
              "websocket_close_code",
            ]),
          ],
        ]),
        panel("Duration of connections", "s", [
          [
            "median {{listener}}",
            q.quantile(
              "websocket_server_connection_duration_seconds",
              0.5,
              WINDOW,
              ["listener"],
            ),
          ],
          [
            "99 % {{listener}}",
            q.quantile(
              "websocket_server_connection_duration_seconds",
              0.99,
              WINDOW,
              ["listener"],
            ),
          ],
        ]),
      ],
    },
    {
      title: "Messages",
      panels: [
        panel("Messages", "cps", [
          [
            TRAFFIC_LEGEND,
            q.rate("websocket_server_messages_total", WINDOW, TRAFFIC),
          ],
        ]),
        panel("Payload", "Bps", [
          [
            TRAFFIC_LEGEND,
            q.rate("websocket_server_io_bytes_total", WINDOW, TRAFFIC),
          ],
        ]),
        panel("Time to the reply", "s", [
          [
            "median {{listener}}",
            q.quantile("websocket_server_echo_duration_seconds", 0.5, WINDOW, [
              "listener",
            ]),
          ],
          [
            "99 % {{listener}}",
            q.quantile("websocket_server_echo_duration_seconds", 0.99, WINDOW, [
              "listener",
            ]),
          ],
        ]),
      ],
    },
    {
      title: "Limits",
      panels: [
        panel("Refusals by limit", "cps", [
          [
            "{{listener}} {{limit}}",
            q.rate("websocket_server_limit_refusals_total", WINDOW, [
              "listener",
              "limit",
            ]),
          ],
        ]),
        panel("Connections cut off by SEND_BUFFER_LIMIT", "cps", [
          [
            ROUTE_LEGEND,
            q.rate("websocket_server_send_buffer_cutoffs_total", WINDOW, ROUTE),
          ],
        ]),
      ],
    },
    {
      title: "HTTP",
      panels: [
        panel("Responses", "reqps", [
          [
            "{{http_route}} {{http_response_status_code}}",
            q.count("http_server_request_duration_seconds", WINDOW, [
              "http_route",
              "http_response_status_code",
            ]),
          ],
        ]),
        panel("Time to the response, 99 %", "s", [
          [
            "{{http_request_method}} {{http_route}}",
            q.quantile("http_server_request_duration_seconds", 0.99, WINDOW, [
              "http_request_method",
              "http_route",
            ]),
          ],
        ]),
      ],
    },
    {
      title: "Process",
      panels: [
        panel("Memory", "bytes", [
          ["resident", q.value("process_memory_usage_bytes")],
          ["held for clients", q.value("websocket_server_memory_held_bytes")],
          ["JavaScript heap", q.value("v8js_memory_heap_used_bytes")],
        ]),
        panel("Processor", "percentunit", [
          [
            "{{cpu_mode}}",
            q.rate("process_cpu_time_seconds_total", WINDOW, [
              "cpu_mode",
            ]),
          ],
        ]),
        panel("Work queue and timers", "short", [
          ["work queue", q.value("websocket_server_work_queue_depth")],
          ["timers", q.value("websocket_server_timers")],
        ]),
        panel("Uptime", "s", [
          ["oldest instance", `max(${q.each("process_uptime_seconds")})`],
          ["newest instance", `min(${q.each("process_uptime_seconds")})`],
        ]),
        panel("Instances by version", "short", [
          [
            "{{service_version}}, Deno {{process_runtime_version}}",
            q.value("target_info", [
              "service_version",
              "process_runtime_version",
            ]),
          ],
        ]),
      ],
    },
  ];
}

function panel(
  title: string,
  unit: string,
  queries: Panel["queries"],
): Panel {
  return { title, unit, queries };
}

const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** Columns of Grafana's grid. */
const COLUMNS = 24;

const HEIGHT = 8;

/** Makes the model of the dashboard, which Grafana imports as JSON. */
export function dashboard(): unknown {
  const panels: unknown[] = [];
  let y = 0;
  for (const row of rows()) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
      panels: [],
    });
    const width = COLUMNS / Math.min(row.panels.length, 3);
    for (const [index, panel] of row.panels.entries()) {
      const column = index % 3;
      if (index > 0 && column === 0) y += HEIGHT;
      const gridPos = { x: column * width, y, w: width, h: HEIGHT };
      panels.push(panelModel(panels.length + 1, panel, gridPos));
    }
    y += HEIGHT;
  }
  return {
    title: "ws-echo-server",
    uid: "ws-echo-server",
    tags: ["websocket"],
    schemaVersion: 38,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        {
          name: "datasource",
          label: "Data source",
          type: "datasource",
          query: "prometheus",
        },
        variable("job", "Job", "label_values(process_uptime_seconds, job)"),
        variable(
          "instance",
          "Instance",
          'label_values(process_uptime_seconds{job=~"$job"}, instance)',
        ),
      ],
    },
    panels,
  };
}

function panelModel(id: number, panel: Panel, gridPos: unknown): unknown {
  return {
    id,
    type: "timeseries",
    title: panel.title,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
    options: { tooltip: { mode: "multi", sort: "desc" } },
    targets: panel.queries.map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}

function variable(name: string, label: string, query: string): unknown {
  return {
    name,
    label,
    type: "query",
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    includeAll: true,
    multi: true,
    current: { text: "All", value: "$__all" },
  };
}
