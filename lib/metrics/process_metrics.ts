/**
 * Metrics of the process, read at scrape time without a permission.
 *
 * @module
 */

import process from "node:process";
import { Counter, Gauge, Registry } from "./prom_client.ts";

/** Reads and writes the metrics of the process. */
export class ProcessMetrics {
  readonly #registers = [new Registry()];
  readonly #uptime = new Gauge({
    name: "process_uptime_seconds",
    help: "Time since the process started.",
    registers: this.#registers,
  });
  readonly #cpu = new Counter({
    name: "process_cpu_time_seconds_total",
    help: "Processor time of the process.",
    labelNames: ["cpu_mode"],
    registers: this.#registers,
  });
  readonly #memory = new Gauge({
    name: "process_memory_usage_bytes",
    help: "Resident memory of the process.",
    registers: this.#registers,
  });
  readonly #heap = new Gauge({
    name: "v8js_memory_heap_used_bytes",
    help: "Memory of JavaScript objects in all heap spaces of V8.",
    registers: this.#registers,
  });

  /**
   * Sets `target_info`, which does not change.
   *
   * @param version the version of the service
   */
  constructor(version: string) {
    const labels = {
      service_name: "ws-echo-server",
      service_version: version,
      process_runtime_name: "deno",
      process_runtime_version: Deno.version.deno,
    };
    new Gauge({
      name: "target_info",
      help: "The service and its runtime.",
      labelNames: Object.keys(labels),
      registers: this.#registers,
    }).set(labels, 1);
  }

  /** Writes the metrics in Prometheus' text format. */
  async text(): Promise<string> {
    const { rss, heapUsed } = Deno.memoryUsage();
    const { user, system } = process.cpuUsage();
    this.#uptime.set(performance.now() / 1000);
    this.#cpu.reset();
    this.#cpu.inc({ cpu_mode: "user" }, user / 1e6);
    this.#cpu.inc({ cpu_mode: "system" }, system / 1e6);
    this.#memory.set(rss);
    this.#heap.set(heapUsed);
    return await this.#registers[0]!.metrics();
  }
}
