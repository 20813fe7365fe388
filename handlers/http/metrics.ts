/**
 * `/metrics`: the service in figures, for Prometheus.
 *
 * @module
 */

// @ts-types="../../lib/std/http_negotiation.d.ts"
import { accepts } from "@std/http/negotiation";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import {
  OPENMETRICS_TYPE,
  PROMETHEUS_TYPE,
  toOpenMetrics,
} from "../../lib/metrics/openmetrics.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { TokenGuard } from "../../lib/http/token_guard.ts";

/** Where the figures come from. */
export interface MetricsText {
  /** Writes them in Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Answers a scrape in Prometheus' text format or, by `Accept`, in that of
 * OpenMetrics.
 *
 * @param metrics where the figures come from
 * @param token what a scrape has to bring; `undefined`: nothing
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
 * Refuses requests that do not have the token.
 *
 * @param token what a request has to bring; `undefined`: nothing
 * @param failures limits wrong tokens
 * @param handler answers the others
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
  return (request, info) => {
    const error = guard.refusal(request, info);
    return error === undefined
      ? handler(request, info)
      : httpErrorResponse(request, error);
  };
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
