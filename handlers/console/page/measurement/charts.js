/**
 * The section “Round trips”: charts of round-trip times and message rates.
 *
 * @module
 */

import { byId, create, setText } from "../dom.js";
import { formatCount, formatMs, formatRate } from "../text/format.js";
import { ChartView } from "./chart.js";
import { histogram, summarise } from "./statistics.js";

/** @import { Chart } from "./chart.js" */
/** @import { Rates, Samples, Summary } from "./statistics.js" */

/** Maximum number of points in the chart of round-trip times. */
const POINTS = 4000;

/** Approximate number of bins in the histogram. */
const BINS = 40;

/** Milliseconds between two drawings. */
const INTERVAL = 500;

/** @type {readonly Chart[]} */
const CHARTS = [
  {
    title: "Round-trip time",
    empty: "One point per echo.",
    colors: ["--received"],
    style: "points",
    time: true,
    formatY: formatMs,
    describe: (_, [value = 0]) => formatMs(value),
  },
  {
    title: "Distribution",
    empty: "Histogram of the round-trip times.",
    colors: ["--received"],
    style: "bars",
    time: false,
    formatY: formatRate,
    describe: (x, [value = 0]) =>
      `${formatCount(value)} echoes from ${formatMs(x)}`,
  },
  {
    title: "Messages/s",
    empty: "Messages sent and received.",
    colors: ["--sent", "--received"],
    keys: ["sent", "received"],
    style: "lines",
    time: true,
    formatY: formatRate,
    describe: (_, [sent = 0, received = 0]) =>
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
    setInterval(() => this.#draw(), INTERVAL);
    this.#draw();
  }

  /** Schedules a drawing of new samples. */
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
    const [times, distribution] = this.#views;
    if (summary === undefined) {
      times?.clear();
      distribution?.clear();
      return;
    }
    const description = `median ${formatMs(summary.p50)}, 95th percentile ${
      formatMs(summary.p95)
    }, 99th percentile ${formatMs(summary.p99)}`;
    times?.draw(this.#samples.latest(POINTS), description);
    const { starts, counts } = histogram(sorted, BINS);
    distribution?.draw([starts, counts], description);
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
