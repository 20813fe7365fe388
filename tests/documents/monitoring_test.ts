import { assert, assertEquals } from "@std/assert";
import readme from "../../lib/metrics/README.md" with { type: "text" };
import { ALERTS } from "../../lib/metrics/monitoring/alerts.ts";
import { dashboard } from "../../lib/metrics/monitoring/dashboard.ts";
import { FILES } from "../../lib/metrics/monitoring/main.ts";
import { METRICS } from "../../lib/metrics/table.ts";
import { isInstalled } from "../installed.ts";
import { permitted, testWith } from "../permissions.ts";

const FOLDER = new URL("../../lib/metrics/monitoring/", import.meta.url);

for (const [name, content] of Object.entries(FILES)) {
  testWith(
    { read: true },
    `${name} is that of deno task monitoring`,
    async () => {
      assertEquals(await Deno.readTextFile(new URL(name, FOLDER)), content());
    },
  );
}

/** The expressions of the dashboard. */
function expressions(): string[] {
  const { panels } = dashboard() as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

Deno.test("the dashboard shows every metric", () => {
  const text = expressions().join("\n");
  const missing = Object.keys(METRICS).filter((name) => !text.includes(name));
  assertEquals(missing, []);
});

Deno.test("lib/metrics/README.md has a row for each alert", () => {
  const rows = readme.matchAll(/^\| `(WsEcho\w+)` +\| (\w+) /gm);
  assertEquals(
    [...rows].map(([, name, severity]) => [name, severity]),
    ALERTS.map(({ name, severity }) => [name, severity]),
  );
});

const hasPromtool = permitted({ name: "run" }) &&
  isInstalled("promtool", "--version");
const note = hasPromtool ? "" : " (ignored: needs promtool)";

async function promtool(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("promtool", {
    args,
  }).output();
  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assert(success, text);
  return text;
}

async function withFile(
  content: string,
  use: (path: string) => Promise<unknown>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

testWith(
  { run: true, read: true, write: true },
  `promtool accepts the alert rules and the expressions of the dashboard${note}`,
  {
    ignore: !hasPromtool,
    async fn() {
      await promtool("check", "rules", new URL("alerts.yml", FOLDER).pathname);
      const rules = expressions().map((expr, index) => ({
        record: `panel_${index}`,
        expr: expr.replaceAll("$__rate_interval", "5m"),
      }));
      const groups = [{ name: "dashboard", rules }];
      await withFile(
        JSON.stringify({ groups }),
        (path) => promtool("check", "rules", path),
      );
    },
  },
);

/** Series, and the alerts that fire after 30 minutes. */
const CASES: readonly [
  series: string,
  values: string,
  alerts: Readonly<Record<string, string>>[],
][] = [
  ['up{job="ws-echo-server"}', "0x60", [{ alertname: "WsEchoDown" }]],
  ['up{job="ws-echo-server"}', "1x60", []],
  ["process_uptime_seconds", "0 60 0 60 0 60 0 60 0 60x60", [{
    alertname: "WsEchoRestarts",
  }]],
  ["process_uptime_seconds", "0+60x60", []],
  ['websocket_server_limit_refusals_total{limit="MAX_CONNECTIONS"}', "0+5x60", [
    { alertname: "WsEchoLimitRefusals", limit: "MAX_CONNECTIONS" },
  ]],
  [
    'websocket_server_limit_refusals_total{limit="MAX_CONNECTIONS"}',
    "5x60",
    [],
  ],
  [
    'websocket_server_connections_closed_total{websocket_close_code="1006"}',
    "0+60x60",
    [{ alertname: "WsEchoAbnormalCloses" }],
  ],
  [
    'websocket_server_connections_closed_total{websocket_close_code="1006"}',
    "0+1x60",
    [],
  ],
  ["websocket_server_work_queue_depth", "2000x60", [{
    alertname: "WsEchoWorkQueue",
  }]],
];

testWith(
  { run: true, read: true, write: true },
  `the alerts fire when they should${note}`,
  {
    ignore: !hasPromtool,
    async fn() {
      const names = [
        ...new Set(
          CASES.flatMap(([, , alerts]) =>
            alerts.map(({ alertname }) => alertname!)
          ),
        ),
      ];
      const tests = CASES.map(([series, values, expected]) => ({
        interval: "1m",
        input_series: [{ series, values }],
        alert_rule_test: names.map((alertname) => ({
          eval_time: "30m",
          alertname,
          exp_alerts: expected
            .filter((alert) => alert["alertname"] === alertname)
            .map(({ alertname: _name, ...labels }) =>
              expectation(alertname, series, labels)
            ),
        })),
      }));
      const rule_files = [new URL("alerts.yml", FOLDER).pathname];
      await withFile(
        JSON.stringify({ rule_files, tests }),
        (path) => promtool("test", "rules", path),
      );
    },
  },
);

/** The labels and the texts of an alert that fires. */
function expectation(
  alertname: string,
  series: string,
  labels: Readonly<Record<string, string>>,
): unknown {
  const { severity, summary, description } = ALERTS
    .find(({ name }) => name === alertname)!;
  const all = series.startsWith("up") ? { job: "ws-echo-server" } : labels;
  const filled = (text: string) =>
    text.replaceAll(
      /\{\{ \$labels\.(\w+) \}\}/g,
      (_, name) => (all as Record<string, string>)[name] ?? "",
    );
  return {
    exp_labels: { ...all, severity },
    exp_annotations: {
      summary: filled(summary),
      description: filled(description),
    },
  };
}
