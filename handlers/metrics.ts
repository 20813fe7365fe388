/**
 * `/metrics`: the service in figures, for Prometheus.
 *
 * @module
 */

// @ts-types="../lib/std/http_negotiation.d.ts"
import { accepts } from "@std/http/negotiation";
import { bearerToken } from "../lib/bearer.ts";
import { type HttpError, httpErrorResponse } from "../lib/http_error.ts";
import {
  OPENMETRICS_TYPE,
  PROMETHEUS_TYPE,
  toOpenMetrics,
} from "../lib/metrics/openmetrics.ts";
import type { HttpHandler } from "../lib/router.ts";
import { secretMatcher } from "../lib/secret.ts";

/** Where the figures come from. */
export interface MetricsText {
  /** Writes them in Prometheus' text format. */
  text(): Promise<string>;
}

const NO_TOKEN: HttpError = {
  status: 401,
  message: "The metrics need METRICS_TOKEN as Authorization: Bearer ….",
  headers: { "www-authenticate": 'Bearer realm="metrics"' },
};

/**
 * Answers a scrape in Prometheus' text format or, by `Accept`, in that of
 * OpenMetrics.
 *
 * @param metrics where the figures come from
 * @param token what a scrape has to bring; `undefined`: nothing
 */
export function metrics(
  metrics: MetricsText,
  token: string | undefined,
): HttpHandler {
  return withMetricsToken(token, async (request) => {
    const type = accepts(request, PROMETHEUS_TYPE, OPENMETRICS_TYPE);
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
 * @param handler answers the others
 */
export function withMetricsToken(
  token: string | undefined,
  handler: HttpHandler,
): HttpHandler {
  if (token === undefined) return handler;
  const isToken = secretMatcher(token);
  return (request, info) =>
    isToken(bearerToken(request.headers) ?? "")
      ? handler(request, info)
      : httpErrorResponse(request, NO_TOKEN);
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
