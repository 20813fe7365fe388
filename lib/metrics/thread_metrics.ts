/**
 * The metrics of all threads of the process, from any thread.
 *
 * @module
 */

import { Bus } from "../cluster/bus/bus.ts";
import type { OpenChannel } from "../cluster/bus/channel.ts";
import { count, object, type Read } from "../cluster/bus/shape.ts";
import type { Figures, Metrics } from "./metrics.ts";

/** A request to the other threads. */
type MetricsRequest = "metrics" | "figures";

/** The text of a scrape has no maximum length. */
const readText: Read<string> = (value) =>
  typeof value === "string" ? value : undefined;

const readFigures = object<Figures>({ connections: count, messages: count });

/**
 * Adds up the metrics of the threads.
 *
 * @example
 * ```ts
 * import { serve, type ThreadMetrics } from "@ws-echo/server";
 * import { assertMatch } from "@std/assert";
 *
 * const page = (metrics: ThreadMetrics) => async () =>
 *   new Response(await metrics.text());
 * await using server = await serve({
 *   routes: ({ metrics }) => ({ "/metrics": { GET: page(metrics) } }),
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/metrics`);
 * assertMatch(await response.text(), /^# HELP/);
 * ```
 */
export class ThreadMetrics {
  readonly #own: Metrics;
  readonly #bus: Bus | undefined;

  /**
   * Connects the metrics of this thread with those of the other threads.
   *
   * @param own the metrics of this thread
   * @param instance name of this thread
   * @param open opens the channel to the other threads; `undefined`: there are none
   */
  constructor(
    own: Metrics,
    instance: string,
    open: OpenChannel | undefined,
  ) {
    this.#own = own;
    if (open === undefined) return;
    this.#bus = new Bus(
      instance,
      open,
      (request) =>
        request === "metrics"
          ? own.counted()
          : request === "figures"
          ? Promise.resolve(own.figures())
          : undefined,
    );
  }

  /**
   * Writes the metrics in Prometheus' text format.
   *
   * @throws {Error} a thread does not reply: without it counters would seem to be reset
   */
  async text(): Promise<string> {
    return await this.#own.text(await this.#requestOthers("metrics", readText));
  }

  /**
   * Sums up the figures of all threads.
   *
   * @throws {Error} a thread does not reply
   */
  async figures(): Promise<Figures> {
    const all = [
      this.#own.figures(),
      ...await this.#requestOthers("figures", readFigures),
    ];
    return all.reduce((sum, { connections, messages }) => ({
      connections: sum.connections + connections,
      messages: sum.messages + messages,
    }));
  }

  async #requestOthers<Answer>(
    request: MetricsRequest,
    read: Read<Answer>,
  ): Promise<readonly Answer[]> {
    if (this.#bus === undefined) return [];
    const { answers, partial } = await this.#bus.requestAll(request);
    const known = answers.map(read).filter((answer) => answer !== undefined);
    if (partial || known.length < answers.length) {
      throw new Error("a thread does not report its metrics");
    }
    return known;
  }

  /**
   * Disconnects from the other threads; the shutdown of the server calls it.
   * @internal
   */
  async shutdown(): Promise<void> {
    await this.#bus?.shutdown();
  }
}
