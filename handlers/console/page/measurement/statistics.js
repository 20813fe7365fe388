/**
 * What round-trip times and message counts amount to.
 *
 * @module
 */

/** Samples that are kept; the oldest go first. */
export const SAMPLE_LIMIT = 100_000;

/**
 * @typedef {object} Summary
 * @property {number} count all samples, those that are no longer kept included
 * @property {number} min
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} max
 */

/**
 * @typedef {object} Histogram
 * @property {number} width of a bin
 * @property {number[]} starts where each bin begins
 * @property {number[]} counts samples of each bin; the last holds all above
 */

/** Times and values, oldest first; a ring of {@linkcode SAMPLE_LIMIT}. */
export class Samples {
  #times;
  #values;
  #added = 0;

  /** @param {number} [limit] */
  constructor(limit = SAMPLE_LIMIT) {
    this.#times = new Float64Array(limit);
    this.#values = new Float64Array(limit);
  }

  /** All that were added. */
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

  /** Forgets everything. */
  clear() {
    this.#added = 0;
  }

  /**
   * The latest samples in the order of their arrival.
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
   * The kept values in ascending order.
   *
   * @returns {Float64Array}
   */
  sorted() {
    const length = Math.min(this.#added, this.#values.length);
    return this.#values.slice(0, length).sort();
  }
}

/**
 * A quantile by the nearest rank.
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
 * @param {Float64Array} sorted ascending
 * @param {number} count all samples
 * @returns {Summary | undefined} nothing without samples
 */
export function summarise(sorted, count) {
  if (sorted.length === 0) return undefined;
  return {
    count,
    min: quantile(sorted, 0),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/**
 * Counts values in bins of a round width. Few outliers would squeeze all others
 * into one bin, so the last bin takes everything above the 99th percentile.
 *
 * @param {Float64Array} sorted ascending, not empty
 * @param {number} bins about how many
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
 * The next of 1, 2, 5, 10, 20, …
 *
 * @param {number} value above 0
 */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((step) => step * power >= value) ?? 10;
  return factor * power;
}

/** Events a second, for each of the last seconds. */
export class Rates {
  #seconds;
  /** @type {Map<number, number[]>} */
  #counts = new Map();
  #kinds;

  /**
   * @param {number} kinds how many are counted apart
   * @param {number} seconds how many are kept
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

  /** Forgets everything. */
  clear() {
    this.#counts.clear();
  }

  /**
   * The last whole seconds, oldest first; those without events count 0.
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
