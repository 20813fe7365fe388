/**
 * The figures of all threads of the process, from whichever is asked.
 *
 * @module
 */

import { Bus } from "../bus/bus.ts";
import type { OpenChannel } from "../bus/channel.ts";
import type { Figures, Metrics } from "../metrics.ts";
import type { Listener } from "../shutdown.ts";

/** What one thread asks the others. */
type Question = "metrics" | "figures";

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
      async (question) =>
        question === "figures" ? own.figures() : await own.counted(),
    );
  }

  /**
   * Writes the figures in Prometheus' text format.
   *
   * @throws when a thread tells nothing: sums without it would look as if it had
   * started anew
   */
  async text(): Promise<string> {
    return await this.#own.text(await this.#askOthers<string>("metrics"));
  }

  /**
   * Sums up what all threads have counted.
   *
   * @throws when a thread tells nothing
   */
  async figures(): Promise<Figures> {
    const all = [
      this.#own.figures(),
      ...await this.#askOthers<Figures>("figures"),
    ];
    return all.reduce((sum, { connections, messages }) => ({
      connections: sum.connections + connections,
      messages: sum.messages + messages,
    }));
  }

  async #askOthers<Answer>(question: Question): Promise<readonly Answer[]> {
    if (this.#bus === undefined) return [];
    const { answers, partial } = await this.#bus.askAll(question);
    if (partial) throw new Error("a thread does not tell its figures");
    return answers as Answer[];
  }

  /** Leaves the others. */
  async shutdown(): Promise<void> {
    await this.#bus?.shutdown();
  }
}
