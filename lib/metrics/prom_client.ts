/**
 * The parts of prom-client that this service uses, with types. The main module of
 * prom-client also loads push gateways and clusters, which take 3 MB of heap.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix -- an importer has no import map of this library

import CounterModule from "npm:prom-client@15.1.3/lib/counter.js";
import GaugeModule from "npm:prom-client@15.1.3/lib/gauge.js";
import HistogramModule from "npm:prom-client@15.1.3/lib/histogram.js";
import RegistryModule from "npm:prom-client@15.1.3/lib/registry.js";

/** The labels of a sample by name. */
export type Labels = Readonly<Record<string, string>>;

/** Options of a metric. */
export interface MetricOptions {
  /** Name in the notation of Prometheus. */
  readonly name: string;
  /** Description without quotation marks. */
  readonly help: string;
  /** Names of the labels. */
  readonly labelNames?: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** Registries that write the metric. */
  readonly registers: readonly MetricRegistry[];
}

/** A counter. */
export interface CounterMetric {
  /** Increases the value, by 1 unless a value is given. */
  inc(labels: Labels, value?: number): void;
  /** Removes all samples. */
  reset(): void;
}

/** A gauge. */
export interface GaugeMetric {
  /** Sets the value without labels. */
  set(value: number): void;
  /** Sets the value of some labels. */
  set(labels: Labels, value: number): void;
}

/** A histogram. */
export interface HistogramMetric {
  /** Records a value. */
  observe(labels: Labels, value: number): void;
}

/** A registry of metrics. */
export interface MetricRegistry {
  /** Writes the metrics in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Makes a counter. */
export const Counter: new (options: MetricOptions) => CounterMetric =
  CounterModule;

/** Makes a gauge. */
export const Gauge: new (options: MetricOptions) => GaugeMetric = GaugeModule;

/** Makes a histogram. */
export const Histogram: new (options: MetricOptions) => HistogramMetric =
  HistogramModule;

/** Makes a registry. */
export const Registry: new () => MetricRegistry = RegistryModule;
