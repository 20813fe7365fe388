/**
 * `rtt`: round-trip times.
 *
 * @module
 */

import { payloadBytes } from "../../client/frame.ts";
import { awaitAnswer, ignoreFailure } from "../step/await_answer.ts";
import { pass } from "../step/finding.ts";
import { formatTime } from "../step/format.ts";
import type { Step } from "../step/step.ts";
import { isEcho } from "./echo.ts";

/** The payload of each message. */
const TEXT = "round trip";

/**
 * Makes the step that measures round-trip times.
 *
 * @param count number of consecutive round trips
 */
export function roundTrips(count: number): Step {
  return {
    name: "rtt",
    expected: `${count} texts come back, one after another`,
    source: "",
    async run(target) {
      const connection = await target.shared();
      const payload = payloadBytes(TEXT);
      const times = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        target.restartTimeout();
        target.waitingFor = `echo ${i + 1} of ${count}`;
        const start = performance.now();
        ignoreFailure(connection.send("text", payload));
        await awaitAnswer(
          connection,
          (message) => isEcho(message, "text", payload),
        );
        times[i] = performance.now() - start;
      }
      const figures = summary(times);
      const { min, median, p99, max } = figures;
      return pass(
        `min ${formatTime(min)}, median ${formatTime(median)}, p99 ${
          formatTime(p99)
        }, ` +
          `max ${formatTime(max)} of ${count}`,
        { details: { count, ...figures } },
      );
    },
  };
}

/**
 * Computes minimum, median, 99th percentile (both by nearest rank) and maximum.
 *
 * @param times at least one
 */
export function summary(
  times: Float64Array,
): { min: number; median: number; p99: number; max: number } {
  const sorted = times.toSorted();
  const rank = (share: number) =>
    sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1]!;
  return { min: rank(0), median: rank(0.5), p99: rank(0.99), max: rank(1) };
}
