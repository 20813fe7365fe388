/**
 * The figures of all threads of the process, from whichever is asked.
 *
 * @module
 */

import { Bus } from "../cluster/bus/bus.ts";
import type { OpenChannel } from "../cluster/bus/channel.ts";
import { count, object, type Read } from "../cluster/bus/shape.ts";
import type { Figures, Metrics } from "./metrics.ts";
import type { Stoppable } from "../stoppable.ts";

/** What one thread asks the others. */
type Question = "metrics" | "figures";

/** A scrape is longer than what instances tell each other of sessions. */
const readText: Read<string> = (value) =>
  typeof value === "string" ? value : undefined;

const readFigures = object<Figures>({ connections: count, messages: count });

/** Adds up what the threads have counted. */
export class ThreadMetrics implements Stoppable {
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
      (question) =>
        question === "metrics"
          ? own.counted()
          : question === "figures"
          ? Promise.resolve(own.figures())
          : undefined,
    );
  }

  /**
   * Writes the figures in Prometheus' text format.
   *
   * @throws when a thread tells nothing: sums without it would look as if it had
   * started anew
   */
  async text(): Promise<string> {
    return await this.#own.text(await this.#askOthers("metrics", readText));
  }

  /**
   * Sums up what all threads have counted.
   *
   * @throws when a thread tells nothing
   */
  async figures(): Promise<Figures> {
    const all = [
      this.#own.figures(),
      ...await this.#askOthers("figures", readFigures),
    ];
    return all.reduce((sum, { connections, messages }) => ({
      connections: sum.connections + connections,
      messages: sum.messages + messages,
    }));
  }

  async #askOthers<Answer>(
    question: Question,
    read: Read<Answer>,
  ): Promise<readonly Answer[]> {
    if (this.#bus === undefined) return [];
    const { answers, partial } = await this.#bus.askAll(question);
    const known = answers.map(read).filter((answer) => answer !== undefined);
    if (partial || known.length < answers.length) {
      throw new Error("a thread does not tell its figures");
    }
    return known;
  }

  /** Leaves the others. */
  async shutdown(): Promise<void> {
    await this.#bus?.shutdown();
  }
}
