/**
 * The router map: every route of the service.
 *
 * @module
 */

import { ResultStore } from "../lib/conformance/result_store.ts";
import { guardRoutes, shareRoutes } from "../lib/http/cors.ts";
import type { LongRunningRequests } from "../lib/limits/long_running_requests.ts";
import type { TokenFailures } from "../lib/limits/token_failures.ts";
import { isWebSocketRoute, type Routes } from "../lib/routing/router.ts";
import type { ListenerInfo } from "../lib/server/listeners.ts";
import { auth } from "./auth.ts";
import { conformanceRoutes } from "./conformance/conformance.ts";
import { reportRoutes } from "./conformance/reports/report_routes.ts";
import { consoleRoutes } from "./console/console.ts";
import type { FiguresSource } from "./console/figures.ts";
import { control } from "./control.ts";
import { echoOnRequest } from "./echo/echo.ts";
import { echoPartial } from "./echo/echo_partial.ts";
import { frames } from "./frames/frames.ts";
import { healthz } from "./http/healthz.ts";
import { httpEcho } from "./http/http_echo.ts";
import { metrics, type MetricsText } from "./http/metrics.ts";
import { sse } from "./http/sse.ts";
import { type AdminContext, adminHandlers } from "./sessions/handlers.ts";

/** The parts of the running service that the routes use. */
export interface RouteContext {
  /** AUTH_TOKEN, for `/auth`. */
  readonly authToken: string;
  /** The service's metrics. */
  readonly metrics: MetricsText & FiguresSource;
  /** METRICS_TOKEN; `undefined`: `/metrics` needs no token. */
  readonly metricsToken: string | undefined;
  /** Limits concurrent requests of `/http` and `/sse`. */
  readonly longRunningRequests: LongRunningRequests;
  /**
   * Limits wrong tokens.
   * @default no limit
   */
  readonly tokenFailures?: TokenFailures | undefined;
  /**
   * Origins of pages that may read the HTTP routes.
   * @default any origin
   */
  readonly allowedOrigins?: ReadonlySet<string> | undefined;
  /** Maximum number of bytes that wait for a client. */
  readonly sendBufferLimit: number;
  /**
   * Token, sessions and message limit of the admin API.
   * @default no admin API
   */
  readonly admin?:
    | Pick<AdminContext, "token" | "sessions" | "maxPayload">
    | undefined;
  /** Whether the service is shutting down. */
  isDraining(): boolean;
  /** Returns the running listeners. */
  listeners(): readonly ListenerInfo[];
}

/**
 * Makes the router map.
 *
 * @param context parts of the running service
 */
export function routes(context: RouteContext): Routes {
  const { allowedOrigins, longRunningRequests, metricsToken, tokenFailures } =
    context;
  const echo = echoOnRequest(context);
  const results = new ResultStore();
  const http = { "*": httpEcho(longRunningRequests) };
  const consoles = consoleRoutes({
    routes: () => map,
    listeners: context.listeners,
    metrics: context.metrics,
    metricsToken,
    tokenFailures,
  });
  const map: Routes = {
    "/ws": echo,
    "/ws_partial": echoPartial,
    "/auth": auth(context.authToken, tokenFailures),
    "/control": control,
    "/frames": frames,
    ...shareRoutes({
      "/http": http,
      "/http/*": http,
      "/sse": { GET: sse(longRunningRequests) },
    }, allowedOrigins),
    "/metrics": { GET: metrics(context.metrics, metricsToken, tokenFailures) },
    "/healthz": { GET: healthz(context.isDraining) },
    ...conformanceRoutes({ listeners: context.listeners, results }),
    ...reportRoutes(results),
    ...guardRoutes(adminRoutes(context, () => map), allowedOrigins),
    // "/" and "/console/…"
    ...consoles,
    // Users first try a client without a path: "/" is an echo, too.
    "/": { ...echo, ...consoles["/"] },
  };
  return map;
}

function adminRoutes(context: RouteContext, map: () => Routes): Routes {
  if (context.admin === undefined) return {};
  const { list, send, sendToAll, close } = adminHandlers({
    ...context.admin,
    tokenFailures: context.tokenFailures,
    stopping: context.longRunningRequests.stopping,
    webSocketPaths: () => webSocketPaths(map()),
  });
  return {
    "/sessions": { GET: list },
    "/sessions/messages": { POST: sendToAll },
    "/sessions/:id": { DELETE: close },
    "/sessions/:id/messages": { POST: send },
  };
}

function webSocketPaths(map: Routes): string[] {
  return Object.entries(map)
    .filter(([, route]) => isWebSocketRoute(route))
    .map(([path]) => path);
}
