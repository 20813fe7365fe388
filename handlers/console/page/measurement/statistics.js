/**
 * Statistics: quantiles and histogram of samples, and rates of events.
 *
 * @module
 */

/** Maximum number of samples; the oldest above it are overwritten. */
const SAMPLE_LIMIT = 100_000;

/**
 * @typedef {object} Summary
 * @property {number} count all samples, including overwritten ones
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} max
 */

/**
 * @typedef {object} Histogram
 * @property {number} width of a bin
 * @property {number[]} starts lower bound of each bin
 * @property {number[]} counts samples of each bin; the last bin is open-ended
 */

/** A ring buffer of times and values. */
export class Samples {
  #times;
  #values;
  #added = 0;

  /** @param {number} [limit] */
  constructor(limit = SAMPLE_LIMIT) {
    this.#times = new Float64Array(limit);
    this.#values = new Float64Array(limit);
  }

  /** Number of added samples, including overwritten ones. */
  get count() {
    return this.#added;
  }

  /**
   * @param {number} time
   * @param {number} value
   */
  add(time, value) {
    const slot = this.#added++ % this.#values.length;
    this.#times[slot] = time;
    this.#values[slot] = value;
  }

  /** Removes all samples. */
  clear() {
    this.#added = 0;
  }

  /**
   * Returns the latest samples, oldest first.
   *
   * @param {number} limit
   * @returns {[times: number[], values: number[]]}
   */
  latest(limit) {
    const size = this.#values.length;
    const length = Math.min(limit, this.#added, size);
    const times = new Array(length);
    const values = new Array(length);
    for (let i = 0; i < length; i++) {
      const slot = (this.#added - length + i) % size;
      times[i] = this.#times[slot];
      values[i] = this.#values[slot];
    }
    return [times, values];
  }

  /**
   * Returns the values in ascending order.
   *
   * @returns {Float64Array}
   */
  sorted() {
    const length = Math.min(this.#added, this.#values.length);
    return this.#values.slice(0, length).sort();
  }
}

/**
 * Computes a quantile by the nearest-rank method.
 *
 * @param {Float64Array} sorted ascending, not empty
 * @param {number} q from 0 to 1
 * @returns {number}
 */
export function quantile(sorted, q) {
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return /** @type {number} */ (sorted[rank - 1]);
}

/**
 * Summarises samples.
 *
 * @param {Float64Array} sorted ascending
 * @param {number} count all samples, including overwritten ones
 * @returns {Summary | undefined} `undefined`: no samples
 */
export function summarise(sorted, count) {
  if (sorted.length === 0) return undefined;
  return {
    count,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/**
 * Counts values in bins of a round width. The last bin holds all values above the
 * 99th percentile, so that outliers do not widen the bins.
 *
 * @param {Float64Array} sorted ascending, not empty
 * @param {number} bins approximate number
 * @returns {Histogram}
 */
export function histogram(sorted, bins) {
  const low = quantile(sorted, 0);
  const width = roundUp((quantile(sorted, 0.99) - low) / bins || 0.1);
  const first = Math.floor(low / width);
  const last = Math.floor(quantile(sorted, 0.99) / width) + 1;
  const starts = [];
  for (let bin = first; bin <= last; bin++) starts.push(bin * width);
  const counts = new Array(starts.length).fill(0);
  for (const value of sorted) {
    counts[Math.min(Math.floor(value / width), last) - first]++;
  }
  return { width, starts, counts };
}

/**
 * Rounds up to 1, 2 or 5 times a power of ten.
 *
 * @param {number} value above 0
 */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((step) => step * power >= value) ?? 10;
  return factor * power;
}

/** Counts events per second. */
export class Rates {
  #seconds;
  /** @type {Map<number, number[]>} */
  #counts = new Map();
  #kinds;

  /**
   * @param {number} kinds number of kinds of events
   * @param {number} seconds number of seconds that `latest()` returns
   */
  constructor(kinds, seconds) {
    this.#kinds = kinds;
    this.#seconds = seconds;
  }

  /**
   * @param {number} kind
   * @param {number} at milliseconds
   */
  add(kind, at) {
    const second = Math.floor(at / 1000);
    let counts = this.#counts.get(second);
    if (counts === undefined) {
      counts = new Array(this.#kinds).fill(0);
      this.#counts.set(second, counts);
      for (const old of this.#counts.keys()) {
        if (old <= second - 2 * this.#seconds) this.#counts.delete(old);
      }
    }
    counts[kind] = (counts[kind] ?? 0) + 1;
  }

  /** Resets all counts. */
  clear() {
    this.#counts.clear();
  }

  /**
   * Returns the counts of the last whole seconds, oldest first.
   *
   * @param {number} at milliseconds
   * @returns {[seconds: number[], ...counts: number[][]]}
   */
  latest(at) {
    const end = Math.floor(at / 1000);
    const seconds = Array.from(
      { length: this.#seconds },
      (_, i) => end - this.#seconds + i,
    );
    const kinds = Array.from(
      { length: this.#kinds },
      (_, kind) =>
        seconds.map((second) => this.#counts.get(second)?.[kind] ?? 0),
    );
    return [seconds, ...kinds];
  }
}
