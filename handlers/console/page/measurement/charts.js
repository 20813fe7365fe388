/**
 * Round-trip times over time and as a histogram, and messages a second, drawn by
 * uPlot.
 *
 * @module
 */

import { byId, create, setText } from "../dom.js";
import {
  formatCount,
  formatMs,
  formatRate,
  formatTime,
} from "../text/format.js";
import { histogram, summarise } from "./statistics.js";

/** @import uPlot from "uplot" */
/** @import { Rates, Samples, Summary } from "./statistics.js" */

/** Where this server has uPlot; loaded when there is something to draw. */
const LIBRARY = "../uplot.js";

/** Points of the line; more are not to be told apart. */
const POINTS = 4000;

/** Bins of the histogram, about. */
const BINS = 40;

/** Milliseconds between two drawings. */
const PACE = 500;

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} empty what is said without data
 * @property {string[]} colors of the series, names of custom properties
 * @property {string[]} [keys] names of the series, where there are several
 * @property {"points" | "bars" | "lines"} style
 * @property {boolean} time whether x is a time
 * @property {(value: number) => string} unit writes a value of y
 * @property {(x: number, values: number[]) => string} read writes a point
 */

/** @type {readonly Chart[]} */
const CHARTS = [
  {
    title: "Round-trip time",
    empty: "A message that comes back makes a point.",
    colors: ["--received"],
    style: "points",
    time: true,
    unit: formatMs,
    read: (_, [value = 0]) => formatMs(value),
  },
  {
    title: "Distribution",
    empty: "How the round-trip times spread.",
    colors: ["--received"],
    style: "bars",
    time: false,
    unit: formatRate,
    read: (x, [value = 0]) => `${formatCount(value)} from ${formatMs(x)}`,
  },
  {
    title: "Messages / s",
    empty: "What is sent and received.",
    colors: ["--sent", "--received"],
    keys: ["sent", "received"],
    style: "lines",
    time: true,
    unit: formatRate,
    read: (_, [sent = 0, received = 0]) =>
      `${formatCount(sent)} sent, ${formatCount(received)} received`,
  },
];

/** The section “Round trips”. */
export class Charts {
  #samples;
  #rates;
  #views = CHARTS.map((chart) => new ChartView(chart));
  #figures = byId("figures", HTMLElement);
  #dirty = true;

  /**
   * @param {Samples} samples
   * @param {Rates} rates
   */
  constructor(samples, rates) {
    this.#samples = samples;
    this.#rates = rates;
    byId("charts", HTMLElement).append(
      ...this.#views.map(({ figure }) => figure),
    );
    byId("reset", HTMLButtonElement).addEventListener("click", () => {
      samples.clear();
      rates.clear();
      this.changed();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener(
      "change",
      () => this.#views.forEach((view) => view.repaint()),
    );
    setInterval(() => this.#draw(), PACE);
    this.#draw();
  }

  /** Draws soon what was added. */
  changed() {
    this.#dirty = true;
  }

  #draw() {
    if (document.hidden) return;
    this.#drawRates();
    if (!this.#dirty) return;
    this.#dirty = false;
    const sorted = this.#samples.sorted();
    const summary = summarise(sorted, this.#samples.count);
    this.#showFigures(summary);
    const [line, spread] = this.#views;
    if (summary === undefined) {
      line?.clear();
      spread?.clear();
      return;
    }
    const spoken = `median ${formatMs(summary.p50)}, 95th percentile ${
      formatMs(summary.p95)
    }, 99th percentile ${formatMs(summary.p99)}`;
    line?.draw(this.#samples.latest(POINTS), spoken);
    const { starts, counts } = histogram(sorted, BINS);
    spread?.draw([starts, counts], spoken);
  }

  #drawRates() {
    const [seconds, sent = [], received = []] = this.#rates.latest(Date.now());
    const view = this.#views[2];
    if (![...sent, ...received].some((count) => count > 0)) {
      return view?.clear();
    }
    view?.draw(
      [seconds, sent, received],
      `${sent.at(-1)} sent and ${received.at(-1)} received in the last second`,
    );
  }

  /** @param {Summary | undefined} summary */
  #showFigures(summary) {
    const names = /** @type {const} */ (["p50", "p95", "p99", "max"]);
    const texts = [
      ["echoes", summary === undefined ? "0" : formatCount(summary.count)],
      ...names.map((name) => [
        name,
        summary === undefined ? "–" : formatMs(summary[name]),
      ]),
    ];
    if (this.#figures.childElementCount === 0) {
      for (const [name = ""] of texts) {
        this.#figures.append(create(
          "div",
          {},
          create("dt", { textContent: name }),
          create("dd"),
        ));
      }
    }
    for (const [i, value] of this.#figures.querySelectorAll("dd").entries()) {
      setText(value, texts[i]?.[1] ?? "");
    }
  }
}

/** One chart. */
class ChartView {
  figure = create("figure", { className: "chart" });
  #chart;
  #plot = create("div", { className: "plot" });
  #reading = create("span", { className: "hint" });
  #empty;
  /** @type {uPlot | undefined} */
  #drawn;
  /** @type {uPlot.AlignedData | undefined} */
  #data;
  /** @type {typeof uPlot | undefined} */
  #Plot;

  /** @param {Chart} chart */
  constructor(chart) {
    this.#chart = chart;
    this.#empty = create("p", { className: "empty", textContent: chart.empty });
    this.#plot.role = "img";
    this.#plot.ariaLabel = `${chart.title}: no data`;
    const keys = (chart.keys ?? []).map((key) =>
      create("span", { className: `key ${key}`, textContent: key })
    );
    const title = create("span", {}, chart.title, ...keys);
    this.figure.append(
      create("figcaption", {}, title, this.#reading),
      create("div", { className: "frame" }, this.#plot, this.#empty),
    );
    new ResizeObserver(() => this.#drawn?.setSize(this.#size)).observe(
      this.#plot,
    );
  }

  /**
   * @param {number[][]} data x, then a list a series
   * @param {string} spoken the gist, for those who do not see it
   */
  draw(data, spoken) {
    this.#empty.hidden = true;
    this.#plot.ariaLabel = `${this.#chart.title}: ${spoken}`;
    this.#data = /** @type {uPlot.AlignedData} */ (data);
    if (this.#drawn !== undefined) this.#drawn.setData(this.#data);
    else if (this.#Plot === undefined) this.#load();
    else this.repaint();
  }

  /** Takes everything back. */
  clear() {
    this.#drawn?.destroy();
    this.#drawn = undefined;
    this.#data = undefined;
    this.#empty.hidden = false;
    this.#plot.ariaLabel = `${this.#chart.title}: no data`;
    setText(this.#reading, "");
  }

  /** Draws anew, in the colours of now. */
  repaint() {
    if (this.#Plot === undefined || this.#data === undefined) return;
    this.#drawn?.destroy();
    this.#drawn = new this.#Plot(this.#options(), this.#data, this.#plot);
  }

  async #load() {
    const { default: Plot } = await import(LIBRARY);
    this.#Plot = Plot;
    if (this.#drawn === undefined) this.repaint();
  }

  get #size() {
    return {
      width: Math.max(this.#plot.clientWidth, 80),
      height: Math.max(this.#plot.clientHeight, 80),
    };
  }

  /** @returns {uPlot.Options} */
  #options() {
    const { colors, style, time, unit } = this.#chart;
    const font = "11px system-ui, sans-serif";
    const axis = {
      font,
      stroke: colorOf("--muted"),
      grid: { stroke: colorOf("--line"), width: 1 },
      ticks: { show: false },
    };
    return {
      ...this.#size,
      legend: { show: false },
      padding: [8, 26, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time },
        y: { range: (_, __, max) => [0, max * 1.1 || 1] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: 72,
          grid: { show: false },
          values: (_, ticks) =>
            ticks.map((tick) => time ? timeOfDay(tick) : formatMs(tick)),
        },
        {
          ...axis,
          size: 56,
          space: 28,
          values: (_, ticks) => ticks.map((tick) => unit(tick)),
        },
      ],
      series: [
        {},
        ...colors.map((name) => seriesOf(style, colorOf(name), this.#Plot)),
      ],
      hooks: { setCursor: [(plot) => this.#read(plot)] },
    };
  }

  /** @param {uPlot} plot */
  #read({ cursor: { idx }, data }) {
    if (idx === null || idx === undefined) return setText(this.#reading, "");
    const [x, ...values] = data.map((list) => Number(list[idx]));
    setText(this.#reading, this.#chart.read(x ?? 0, values));
  }
}

/**
 * @param {Chart["style"]} style
 * @param {string} color
 * @param {typeof uPlot | undefined} Plot
 * @returns {uPlot.Series}
 */
function seriesOf(style, color, Plot) {
  const paths = Plot?.paths.bars?.({ size: [0.9, 40], align: 1 });
  switch (style) {
    case "points":
      // A line would claim that something lay between two round trips.
      return {
        paths: () => null,
        points: { show: true, size: 3.5, width: 0, fill: color },
      };
    case "bars":
      return {
        fill: color,
        width: 0,
        points: { show: false },
        ...(paths && { paths }),
      };
    case "lines":
      return { stroke: color, width: 1.5, points: { show: false } };
  }
}

/** @param {number} seconds since the epoch */
function timeOfDay(seconds) {
  return formatTime(1000 * seconds).slice(0, 8);
}

/**
 * A custom property as a colour that a canvas takes.
 *
 * @param {string} name
 */
function colorOf(name) {
  const probe = create("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
