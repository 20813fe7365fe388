/**
 * PromQL expressions of the metrics in the table, whose names and labels the compiler
 * checks.
 *
 * @module
 */

import type { MetricName, METRICS } from "../table.ts";

/** The name of a label of a metric. */
export type LabelOf<Name extends MetricName> =
  (typeof METRICS)[Name]["labels"][number];

/** The names of the metrics of a type. */
export type NameOf<Type extends string> = {
  [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name
    : never;
}[MetricName];

/** Makes expressions of metrics with the same selection of series. */
export class Queries {
  readonly #selection: string;

  /**
   * Starts with a selection.
   *
   * @param selection matchers of every metric, such as `job="echo"`; `""`: none
   */
  constructor(selection = "") {
    this.#selection = selection;
  }

  /**
   * The increase of a counter per second.
   *
   * @param name the counter
   * @param window time range, such as `5m`
   * @param by labels to keep; the others are summed
   * @param matchers further matchers, such as `outcome="refused"`
   */
  rate<Name extends NameOf<"counter">>(
    name: Name,
    window: string,
    by: readonly LabelOf<Name>[] = [],
    matchers = "",
  ): string {
    return sum(`rate(${this.#select(name, matchers)}[${window}])`, by);
  }

  /**
   * The value of a gauge.
   *
   * @param name the gauge
   * @param by labels to keep; the others are summed
   */
  value<Name extends NameOf<"gauge">>(
    name: Name,
    by: readonly LabelOf<Name>[] = [],
  ): string {
    return sum(this.#select(name, ""), by);
  }

  /**
   * A gauge of each instance.
   *
   * @param name the gauge
   */
  each(name: NameOf<"gauge">): string {
    return this.#select(name, "");
  }

  /**
   * The observations of a histogram per second.
   *
   * @param name the histogram
   * @param window time range, such as `5m`
   * @param by labels to keep; the others are summed
   * @param matchers further matchers
   */
  count<Name extends NameOf<"histogram">>(
    name: Name,
    window: string,
    by: readonly LabelOf<Name>[] = [],
    matchers = "",
  ): string {
    return sum(
      `rate(${this.#select(`${name}_count`, matchers)}[${window}])`,
      by,
    );
  }

  /**
   * A quantile of a histogram.
   *
   * @param name the histogram
   * @param share from 0 to 1
   * @param window time range, such as `5m`
   * @param by labels to keep; the others are summed
   */
  quantile<Name extends NameOf<"histogram">>(
    name: Name,
    share: number,
    window: string,
    by: readonly LabelOf<Name>[] = [],
  ): string {
    const buckets = `rate(${this.#select(`${name}_bucket`, "")}[${window}])`;
    return `histogram_quantile(${share}, ${sum(buckets, [...by, "le"])})`;
  }

  #select(series: string, matchers: string): string {
    const all = [this.#selection, matchers].filter((text) => text !== "");
    return all.length === 0 ? series : `${series}{${all.join(", ")}}`;
  }
}

function sum(vector: string, by: readonly string[]): string {
  return by.length === 0
    ? `sum(${vector})`
    : `sum by (${by.join(", ")}) (${vector})`;
}
