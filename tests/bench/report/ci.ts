/**
 * The comparison of `--ci`: the edge listener against the bare runtime.
 *
 * @module
 */

import type { NamedLoad } from "../loads.ts";
import { type ByServer, isMeasured, type ThroughputResult } from "./results.ts";
import { pairedRatio } from "./statistics.ts";

/** The least ratio of the edge listener's rate to the bare runtime's. */
export const LEAST_RATIO = 0.9;

/** The servers of the comparison. */
export const CI_SERVERS = ["edge", "deno"] as const;

/** The result of a load. */
export interface Verdict {
  /** The load. */
  readonly load: NamedLoad;
  /** The figures as a line of text. */
  readonly line: string;
  /** Whether the edge listener is fast enough. */
  readonly ok: boolean;
}

/**
 * Compares the two servers for each load. A load that was not measured fails.
 *
 * @param loads the loads
 * @param throughput by the ids of loads and servers
 */
export function verdicts(
  loads: readonly NamedLoad[],
  throughput: Record<string, ByServer<ThroughputResult>>,
): Verdict[] {
  return loads.map((load) => {
    const { id, title } = load;
    const [edge, deno] = CI_SERVERS.map((server) => throughput[id]?.[server]);
    if (!isMeasured(edge) || !isMeasured(deno)) {
      const why = JSON.stringify({ edge, deno });
      return { load, line: `${title}: not measured ${why}`, ok: false };
    }
    const ratio = pairedRatio(edge.rates, deno.rates);
    const ok = ratio >= LEAST_RATIO;
    return {
      load,
      line: `${title}: edge listener ${Math.round(edge.rate)}/s, ` +
        `bare runtime ${Math.round(deno.rate)}/s, ` +
        `ratio ${ratio.toFixed(3)}, the median of ${edge.rates.length}: ` +
        (ok ? "ok" : `below ${LEAST_RATIO}`),
      ok,
    };
  });
}
