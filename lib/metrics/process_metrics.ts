/**
 * Metrics of the process, read at scrape time without a permission.
 *
 * @module
 */

import process from "node:process";
import { Counter, Gauge, Registry } from "./prom_client.ts";
import { described } from "./table.ts";

/** Reads and writes the metrics of the process. */
export class ProcessMetrics {
  readonly #registry = new Registry();
  readonly #uptime = new Gauge(
    described("process_uptime_seconds", this.#registry),
  );
  readonly #cpu = new Counter(
    described("process_cpu_time_seconds_total", this.#registry),
  );
  readonly #memory = new Gauge(
    described("process_memory_usage_bytes", this.#registry),
  );
  readonly #heap = new Gauge(
    described("v8js_memory_heap_used_bytes", this.#registry),
  );

  /**
   * Sets `target_info`, which does not change.
   *
   * @param version the version of the service
   */
  constructor(version: string) {
    new Gauge(described("target_info", this.#registry)).set({
      service_name: "ws-echo-server",
      service_version: version,
      process_runtime_name: "deno",
      process_runtime_version: Deno.version.deno,
    }, 1);
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
    return await this.#registry.metrics();
  }
}
