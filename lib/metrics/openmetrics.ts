/**
 * Converts Prometheus' text format to that of OpenMetrics. prom-client can write both,
 * but its OpenMetrics mode renames the counters of a registry permanently.
 *
 * @module
 */

/** The media type of Prometheus' text format. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4";

/** The media type of the OpenMetrics text format. */
export const OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0";

/**
 * Converts an exposition: HELP and TYPE name a counter without `_total`, there are no
 * empty lines, and the last line is `# EOF`.
 *
 * @param text in Prometheus' format, with no quotation marks in help texts
 */
export function toOpenMetrics(text: string): string {
  const families = text
    .replace(/^# (HELP|TYPE) (\S+)_total /gm, "# $1 $2 ")
    .replace(/\n{2,}/g, "\n");
  return `${families}# EOF\n`;
}
