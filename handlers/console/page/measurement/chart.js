/**
 * One chart, drawn by uPlot.
 *
 * @module
 */

import { create, setText } from "../dom.js";
import { formatMs, formatTime } from "../text/format.js";

/** @import uPlot from "uplot" */

/** The module of uPlot, loaded when the first chart has data. */
const LIBRARY = "../uplot.js";

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} empty text without data
 * @property {string[]} colors a CSS custom property for each series
 * @property {string[]} [keys] names of the series, if there are several
 * @property {"points" | "bars" | "lines"} style
 * @property {boolean} time whether x is a time in seconds since the epoch
 * @property {(value: number) => string} formatY
 * @property {(x: number, values: number[]) => string} describe describes the values
 * under the pointer
 */

/** A chart with title, value under the pointer, and text without data. */
export class ChartView {
  figure = create("figure", { className: "chart" });
  #chart;
  #plot = create("div", { className: "plot" });
  #description = create("span", { className: "hint" });
  #empty;
  /** @type {uPlot | undefined} */
  #uplot;
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
      create("figcaption", {}, title, this.#description),
      create("div", { className: "frame" }, this.#plot, this.#empty),
    );
    new ResizeObserver(() => this.#uplot?.setSize(this.#size)).observe(
      this.#plot,
    );
  }

  /**
   * Draws data; the first call loads uPlot.
   *
   * @param {number[][]} data x, then one list per series
   * @param {string} summary for screen readers
   */
  draw(data, summary) {
    this.#empty.hidden = true;
    this.#plot.ariaLabel = `${this.#chart.title}: ${summary}`;
    this.#data = /** @type {uPlot.AlignedData} */ (data);
    if (this.#uplot !== undefined) this.#uplot.setData(this.#data);
    else if (this.#Plot === undefined) this.#load();
    else this.repaint();
  }

  /** Removes the data. */
  clear() {
    this.#uplot?.destroy();
    this.#uplot = undefined;
    this.#data = undefined;
    this.#empty.hidden = false;
    this.#plot.ariaLabel = `${this.#chart.title}: no data`;
    setText(this.#description, "");
  }

  /** Draws again with the current colours. */
  repaint() {
    if (this.#Plot === undefined || this.#data === undefined) return;
    this.#uplot?.destroy();
    this.#uplot = new this.#Plot(this.#options(), this.#data, this.#plot);
  }

  async #load() {
    const { default: Plot } = await import(LIBRARY);
    this.#Plot = Plot;
    if (this.#uplot === undefined) this.repaint();
  }

  get #size() {
    return {
      width: Math.max(this.#plot.clientWidth, 80),
      height: Math.max(this.#plot.clientHeight, 80),
    };
  }

  /** @returns {uPlot.Options} */
  #options() {
    const { colors, style, time, formatY } = this.#chart;
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
          values: (_, ticks) => ticks.map((tick) => formatY(tick)),
        },
      ],
      series: [
        {},
        ...colors.map((name) => seriesOf(style, colorOf(name), this.#Plot)),
      ],
      hooks: { setCursor: [(plot) => this.#describe(plot)] },
    };
  }

  /** @param {uPlot} plot */
  #describe({ cursor: { idx }, data }) {
    if (idx === null || idx === undefined) {
      return setText(this.#description, "");
    }
    const [x, ...values] = data.map((list) => Number(list[idx]));
    setText(this.#description, this.#chart.describe(x ?? 0, values));
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
      // No line: there is no value between two round trips.
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
 * Resolves a CSS custom property to a colour for the canvas.
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
