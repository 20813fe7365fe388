/**
 * The comparison that CI makes: whether the edge listener is as fast as the
 * runtime below it.
 *
 * @module
 */

import type { NamedLoad } from "../loads.ts";
import { type ByServer, isMeasured, type ThroughputResult } from "./results.ts";
import { pairedRatio } from "./statistics.ts";

/** What the edge listener has to reach of the bare runtime's speed. */
export const LEAST_RATIO = 0.9;

/** The servers that are compared. */
export const CI_SERVERS = ["edge", "deno"] as const;

/** A load's line, and whether it is fine. */
export interface Verdict {
  /** The load. */
  readonly load: NamedLoad;
  /** The figures. */
  readonly line: string;
  /** Whether the edge listener is fast enough. */
  readonly ok: boolean;
}

/**
 * Judges what was measured.
 *
 * @param loads which were
 * @param throughput by the loads' and the servers' ids
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
