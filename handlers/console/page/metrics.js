/**
 * The server's own figures, read from its Prometheus page.
 *
 * @module
 */

/**
 * @typedef {object} Sample
 * @property {string} name
 * @property {Readonly<Record<string, string>>} labels
 * @property {number} value
 */

/**
 * Reads the text format of Prometheus, version 0.0.4.
 *
 * @param {string} text
 * @returns {Sample[]}
 */
export function parseMetrics(text) {
  const samples = [];
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
    if (match === null) continue;
    const [, name = "", labels = "", value = ""] = match;
    samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  return samples;
}

/**
 * Adds up a metric over all its labels.
 *
 * @param {readonly Sample[]} samples
 * @param {string} name
 * @returns {number | undefined} nothing where there is no such metric
 */
export function total(samples, name) {
  const values = samples.filter((sample) => sample.name === name);
  if (values.length === 0) return undefined;
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** @param {string} text */
function parseLabels(text) {
  /** @type {Record<string, string>} */
  const labels = {};
  for (const [, name, value] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[/** @type {string} */ (name)] = /** @type {string} */ (value)
      .replace(/\\(.)/g, (_, escaped) => escaped === "n" ? "\n" : escaped);
  }
  return labels;
}
