/**
 * Round-trip times.
 *
 * @module
 */

import { payloadBytes } from "../../client/frame.ts";
import { awaitAnswer, meanwhile } from "../step/await_answer.ts";
import { pass, type Step } from "../step/step.ts";
import { inTime } from "../step/format.ts";
import { isEcho } from "./echo.ts";

/** What goes there and back. */
const TEXT = "round trip";

/**
 * The step that measures.
 *
 * @param count round trips, one after the other
 */
export function roundTrips(count: number): Step {
  return {
    name: "rtt",
    expected: `${count} texts come back, one after the other`,
    source: "",
    async run(peer) {
      const connection = await peer.shared();
      const payload = payloadBytes(TEXT);
      const times = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        peer.restartClock();
        peer.waitingFor = `echo ${i + 1} of ${count}`;
        const start = performance.now();
        meanwhile(connection.send("text", payload));
        await awaitAnswer(
          connection,
          (message) => isEcho(message, "text", payload),
        );
        times[i] = performance.now() - start;
      }
      const figures = summary(times);
      const { min, median, p99, max } = figures;
      return pass(
        `min ${inTime(min)}, median ${inTime(median)}, p99 ${inTime(p99)}, ` +
          `max ${inTime(max)} of ${count}`,
        { details: { count, ...figures } },
      );
    },
  };
}

/**
 * The figures that stand for many: the least, the greatest, and the nearest ranks.
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
