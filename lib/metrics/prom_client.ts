/**
 * The parts of prom-client that this service uses, with the part of their types.
 * Its main module also loads what serves push gateways and clusters, and with it
 * much of Node's API: 3 MB of heap, for as long as the process runs.
 *
 * @module
 */

import CounterModule from "prom-client/lib/counter.js";
import GaugeModule from "prom-client/lib/gauge.js";
import HistogramModule from "prom-client/lib/histogram.js";
import RegistryModule from "prom-client/lib/registry.js";

/** The values of a sample's labels, by their names. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is called, and where it is registered. */
export interface MetricOptions {
  /** As Prometheus spells names. */
  readonly name: string;
  /** A sentence, without quotation marks. */
  readonly help: string;
  /** Names of its labels. */
  readonly labelNames?: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** Where it is written down. */
  readonly registers: readonly MetricRegistry[];
}

/** A figure that only grows. */
export interface CounterMetric {
  /** Adds to the figure. */
  inc(labels: Labels, value?: number): void;
  /** Forgets everything. */
  reset(): void;
}

/** A figure that goes up and down. */
export interface GaugeMetric {
  /** Sets the figure without labels. */
  set(value: number): void;
  /** Sets the figure. */
  set(labels: Labels, value: number): void;
}

/** A distribution. */
export interface HistogramMetric {
  /** Takes a value in. */
  observe(labels: Labels, value: number): void;
}

/** Metrics that are written down together. */
export interface MetricRegistry {
  /** Writes them in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Makes a figure that only grows. */
export const Counter: new (options: MetricOptions) => CounterMetric =
  CounterModule;

/** Makes a figure that goes up and down. */
export const Gauge: new (options: MetricOptions) => GaugeMetric = GaugeModule;

/** Makes a distribution. */
export const Histogram: new (options: MetricOptions) => HistogramMetric =
  HistogramModule;

/** Makes a place for metrics. */
export const Registry: new () => MetricRegistry = RegistryModule;
