/**
 * The figures of all threads of the process, from whichever is asked.
 *
 * @module
 */

import { Bus } from "../bus/bus.ts";
import type { OpenChannel } from "../bus/channel.ts";
import type { Metrics } from "../metrics.ts";
import type { Listener } from "../shutdown.ts";

/** What a thread asks the others for. */
const QUESTION = "metrics";

/** Adds up what the threads have counted. */
export class ThreadMetrics implements Listener {
  readonly #own: Metrics;
  readonly #bus: Bus | undefined;

  /**
   * Takes this thread's place.
   *
   * @param own what this thread counts
   * @param instance names it
   * @param open opens the channel to the others; `undefined`: there are none
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
      (question) => question === QUESTION ? own.counted() : undefined,
    );
  }

  /**
   * Writes the figures in Prometheus' text format.
   *
   * @throws when a thread tells nothing: sums without it would look as if it had
   * started anew
   */
  async text(): Promise<string> {
    if (this.#bus === undefined) return await this.#own.text();
    const { answers, partial } = await this.#bus.askAll(QUESTION);
    const texts = answers.filter((answer) => typeof answer === "string");
    if (partial || texts.length < answers.length) {
      throw new Error("a thread does not tell its figures");
    }
    return await this.#own.text(texts);
  }

  /** Leaves the others. */
  async shutdown(): Promise<void> {
    await this.#bus?.shutdown();
  }
}
