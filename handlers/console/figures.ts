/**
 * `/console/figures.json`: open connections and message count; the page requests
 * it every 2 seconds.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import type { Figures } from "../../lib/metrics/metrics.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { withMetricsToken } from "../http/metrics.ts";
import { acceptsGzip, gzip } from "./gzip.ts";

/** Source of the figures. */
export interface FiguresSource {
  /** Sums the counters of all connections and workers. */
  figures(): Promise<Figures>;
}

/** Source of the figures, and the token that protects them. */
export interface FiguresContext {
  /** Source of the figures. */
  readonly metrics: FiguresSource;
  /** Token that a request must carry; `undefined`: none. */
  readonly metricsToken: string | undefined;
  /** Limits requests with wrong tokens. */
  readonly tokenFailures?: TokenFailures | undefined;
}

/**
 * Responds with JSON: version, start, open connections, and messages since the
 * start.
 *
 * @param context source and token
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
