/**
 * `/console/figures.json`: the figures that the console shows, for a request every
 * other second.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import type { Figures } from "../../lib/metrics/metrics.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { withMetricsToken } from "../http/metrics.ts";
import { acceptsGzip, gzip } from "./gzip.ts";

/** Where the figures come from. */
export interface FiguresSource {
  /** Sums up what was counted. */
  figures(): Promise<Figures>;
}

/** Sources of the figures, and their protection. */
export interface FiguresContext {
  /** Where they come from. */
  readonly metrics: FiguresSource;
  /** The token that a request needs; `undefined`: none. */
  readonly metricsToken: string | undefined;
  /** Limits wrong tokens. */
  readonly tokenFailures?: TokenFailures | undefined;
}

/**
 * Answers with JSON: version, start, open connections, and messages since then.
 *
 * @param context what to tell
 * @param startedAt milliseconds since the epoch
 */
export function consoleFigures(
  { metrics, metricsToken, tokenFailures }: FiguresContext,
  startedAt: number,
): HttpHandler {
  const { version } = project;
  return withMetricsToken(metricsToken, tokenFailures, async (request) => {
    const text = JSON.stringify({
      version,
      startedAt,
      ...await metrics.figures(),
    });
    const headers = {
      "cache-control": "no-store",
      "content-type": "application/json",
      "vary": "accept-encoding",
    };
    return acceptsGzip(request)
      ? new Response(await gzip(text), {
        headers: { ...headers, "content-encoding": "gzip" },
      })
      : new Response(text, { headers });
  });
}
