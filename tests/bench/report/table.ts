/**
 * The results as a table.
 *
 * @module
 */

import { ALL_LOADS } from "../loads.ts";
import {
  type ByServer,
  isMeasured,
  type Results,
  type ThroughputResult,
} from "./results.ts";
import { pairedRatio } from "./statistics.ts";

/** A row: its title and a cell per server. */
interface Row {
  readonly title: string;
  /** Figures by the servers' ids; a server without a figure is absent. */
  readonly cells: Record<string, string>;
}

/**
 * A number with three digits: `842`, `1300`, `168 k`, `6.65 M`.
 *
 * @param value not negative
 */
export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)} k`;
  if (value >= 100) return String(Math.round(value));
  return value.toPrecision(3);
}

function row<Result>(
  title: string,
  results: ByServer<Result> | undefined,
  figure: (result: Result) => string,
): Row[] {
  if (results === undefined || Object.keys(results).length === 0) return [];
  const cells = Object.entries(results).map(([id, cell]) => [
    id,
    isMeasured(cell) ? figure(cell) : "failed",
  ]);
  return [{ title, cells: Object.fromEntries(cells) }];
}

function rows(results: Results): Row[] {
  const { throughput, handshakes, latency, memory } = results;
  return [
    ...ALL_LOADS.flatMap(({ id, title }) =>
      row(`${title}, messages/s`, throughput[id], ({ rate }) => short(rate))
    ),
    ...ALL_LOADS.flatMap(({ id, title }) =>
      row(`${title}, CPU µs/message`, throughput[id], ({ cpu }) => short(cpu))
    ),
    ...row("handshakes/s", handshakes, ({ rate }) => short(rate)),
    ...row("handshakes, CPU µs each", handshakes, ({ cpu }) => short(cpu)),
    ...Object.entries(memory).flatMap(([count, results]) =>
      row(
        `KiB per idle connection of ${count}`,
        results,
        (bytes) => (bytes / 1024).toFixed(1),
      )
    ),
    ...row(
      "half the peak of 50 × 64 × 1, messages/s",
      latency,
      ({ rate }) => short(rate),
    ),
    ...row("… p50, ms", latency, ({ p50 }) => p50.toFixed(3)),
    ...row("… p99, ms", latency, ({ p99 }) => p99.toFixed(3)),
    ...row("… CPU µs/message", latency, ({ cpu }) => short(cpu)),
  ];
}

/** The title and the results of a measurement with rates and processor times. */
type Measured = readonly [
  string,
  ByServer<Pick<ThroughputResult, "rates" | "cpus">> | undefined,
];

/** The servers whose ratio is printed. */
const PAIRS = [
  ["edge", "deno", "edge listener / bare runtime"],
  ["frame", "bun", "frame listener / Bun.serve"],
  ["native", "bun", "frame listener, native sockets / Bun.serve"],
  ["native", "frame", "native sockets / the runtime's"],
] as const;

/**
 * The ratios of servers, two lines per pair: medians of the ratios within a round, of
 * the rates and of the processor times. Above 1 the first server is the better one.
 *
 * @param results of a benchmark
 */
export function ratioRows(results: Results): string[] {
  const measured: readonly Measured[] = [
    ...ALL_LOADS.map(({ id, title }) =>
      [title, results.throughput[id]] as const
    ),
    ["handshakes", results.handshakes],
  ];
  return PAIRS.flatMap(([a, b, title]) => {
    const pairs = measured.flatMap(([load, cells]) => {
      const [one, other] = [cells?.[a], cells?.[b]];
      if (!isMeasured(one) || !isMeasured(other)) return [];
      const rate = pairedRatio(one.rates, other.rates).toFixed(2);
      const cpu = pairedRatio(other.cpus, one.cpus).toFixed(2);
      return [{ rate: `${load}: ${rate}`, cpu: `${load}: ${cpu}` }];
    });
    if (pairs.length === 0) return [];
    return [
      `${title}: ${pairs.map(({ rate }) => rate).join("; ")}`,
      `… by processor time: ${pairs.map(({ cpu }) => cpu).join("; ")}`,
    ];
  });
}

/**
 * The table in Markdown, with aligned columns.
 *
 * @param results of a benchmark
 */
export function markdown(results: Results): string {
  const ids = Object.keys(results.servers);
  const head = ["", ...ids.map((id) => results.servers[id]!.name)];
  const body = rows(results).map(({ title, cells }) => [
    title,
    ...ids.map((id) => cells[id] ?? "–"),
  ]);
  const widths = head.map((cell, i) =>
    Math.max(...[head, ...body].map((line) => line[i]!.length), cell.length, 3)
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => padded(cell, widths[i]!, i)).join(" | ")} |`;
  const rule = `| ${
    widths.map((width, i) =>
      i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
    )
      .join(" | ")
  } |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

function padded(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** Idle share of the load generator below which it may limit a figure. */
const BUSY = 0.05;

/**
 * Remarks on unreliable figures: failed servers, and servers that may be faster
 * than the load generator.
 *
 * @param results of a benchmark
 */
export function remarks(results: Results): string[] {
  return Object.entries(results.throughput).flatMap(([load, cells]) =>
    Object.entries(cells).flatMap(([server, cell]) => {
      if (!isMeasured(cell)) return [`${load}, ${server}: ${cell.failed}`];
      return cell.generatorIdle < BUSY
        ? [`${load}, ${server}: the load generator was never idle`]
        : [];
    })
  );
}
