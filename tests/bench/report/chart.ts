/**
 * The results as a chart: a panel per measurement, a bar per server.
 *
 * @module
 */

import { ALL_LOADS } from "../loads.ts";
import { type ByServer, isMeasured, type Results } from "./results.ts";
import { short } from "./table.ts";

/** A panel: its title and a value per server. */
interface Panel {
  readonly title: string;
  readonly values: Record<string, number>;
  readonly figure: (value: number) => string;
}

const COLUMNS = 2;
const WIDTH = 480;
const NAME_WIDTH = 165;
const BAR_WIDTH = 220;
const BAR_HEIGHT = 16;
const ROW = 22;
const TITLE = 30;
const GAP = 20;

/** Colours that are distinct in print and for colour-blind readers (Okabe and Ito). */
const COLORS = [
  "#0072b2",
  "#d55e00",
  "#56b4e9",
  "#cc79a7",
  "#009e73",
  "#e69f00",
  "#999999",
];

/**
 * Draws the chart.
 *
 * @param results of a benchmark
 * @returns an SVG document for light and dark backgrounds
 */
export function chart(results: Results): string {
  const ids = Object.keys(results.servers);
  const all = panels(results);
  const height = TITLE + ids.length * ROW + GAP;
  const rows = Math.ceil(all.length / COLUMNS);
  const size = [COLUMNS * WIDTH + GAP, rows * height + 2 * GAP];
  const drawn = all.map((panel, i) => {
    const x = GAP + (i % COLUMNS) * WIDTH;
    const y = GAP + Math.floor(i / COLUMNS) * height;
    const bars = draw(panel, ids, results);
    return `<g transform="translate(${x} ${y})">${bars}</g>`;
  });
  const [width, total] = size;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img" aria-label="WebSocket echo servers compared">
<style>text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
${drawn.join("\n")}
</svg>
`;
}

function panels({ throughput, handshakes, latency, memory }: Results): Panel[] {
  return [
    ...ALL_LOADS.flatMap(({ id, title }) =>
      panel(`${title}: messages per second`, throughput[id], ({ rate }) => rate)
    ),
    ...panel("handshakes per second", handshakes, ({ rate }) => rate),
    ...Object.entries(memory).flatMap(([count, cells]) =>
      panel(
        `KiB per idle connection of ${count} (less is better)`,
        cells,
        (bytes) => Math.max(bytes, 0) / 1024,
        (value) => value.toFixed(1),
      )
    ),
    ...panel(
      "p99 at half the peak, ms (less is better)",
      latency,
      ({ p99 }) => p99,
      (value) => value.toFixed(2),
    ),
  ];
}

function panel<Result>(
  title: string,
  cells: ByServer<Result> | undefined,
  value: (result: Result) => number,
  figure: (value: number) => string = short,
): Panel[] {
  const values: Record<string, number> = {};
  for (const [id, cell] of Object.entries(cells ?? {})) {
    if (isMeasured(cell)) values[id] = value(cell);
  }
  return Object.keys(values).length === 0 ? [] : [{ title, values, figure }];
}

function draw(
  { title, values, figure }: Panel,
  ids: readonly string[],
  results: Results,
): string {
  const most = Math.max(...Object.values(values));
  const bars = ids.map((id, i) => {
    const y = TITLE + i * ROW;
    const value = values[id];
    const name = `<text x="${NAME_WIDTH}" y="${y}" text-anchor="end">${
      escaped(results.servers[id]!.name)
    }</text>`;
    if (value === undefined) return name;
    const width = Math.max(most > 0 ? value / most * BAR_WIDTH : 0, 1);
    const x = NAME_WIDTH + 8;
    return `${name}<rect x="${x}" y="${y - BAR_HEIGHT + 4}" width="${
      width.toFixed(1)
    }" height="${BAR_HEIGHT}" fill="${COLORS[i % COLORS.length]}"/><text x="${
      (x + width + 6).toFixed(1)
    }" y="${y}">${figure(value)}</text>`;
  });
  return `<text class="title" x="0" y="0">${escaped(title)}</text>${
    bars.join("")
  }`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
