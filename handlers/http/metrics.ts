/**
 * `/metrics`: the service's metrics for Prometheus.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { TokenGuard } from "../../lib/http/token_guard.ts";
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import {
  OPENMETRICS_TYPE,
  PROMETHEUS_TYPE,
  toOpenMetrics,
} from "../../lib/metrics/openmetrics.ts";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { guarded } from "./guarded.ts";

/** Source of the metrics. */
export interface MetricsText {
  /** Writes all metrics in Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Makes the handler of `/metrics`: Prometheus' text format or, by `Accept`,
 * OpenMetrics.
 *
 * @param metrics source of the metrics
 * @param token that a request needs; `undefined`: none
 * @param failures limits wrong tokens
 */
export function metrics(
  metrics: MetricsText,
  token: string | undefined,
  failures?: TokenFailures,
): HttpHandler {
  return withMetricsToken(token, failures, async (request) => {
    const type = accepts(
      boundedFields(request),
      PROMETHEUS_TYPE,
      OPENMETRICS_TYPE,
    );
    const text = await metrics.text();
    return type === OPENMETRICS_TYPE
      ? exposition(toOpenMetrics(text), OPENMETRICS_TYPE)
      : exposition(text, PROMETHEUS_TYPE);
  });
}

/**
 * Makes a handler that refuses requests without METRICS_TOKEN.
 *
 * @param token that a request needs; `undefined`: none
 * @param failures limits wrong tokens
 * @param handler answers the other requests
 */
export function withMetricsToken(
  token: string | undefined,
  failures: TokenFailures | undefined,
  handler: HttpHandler,
): HttpHandler {
  if (token === undefined) return handler;
  const guard = new TokenGuard({
    name: "METRICS_TOKEN",
    token,
    realm: "metrics",
    message: "The metrics need METRICS_TOKEN as Authorization: Bearer ….",
    failures,
  });
  return guarded(guard, handler);
}

function exposition(text: string, type: string): Response {
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-store",
      vary: "accept",
    },
  });
}
