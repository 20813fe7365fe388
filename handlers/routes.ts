/**
 * The router map: every route of this service.
 *
 * @module
 */

import { guardRoutes, shareRoutes } from "../lib/http/cors.ts";
import type { TokenFailures } from "../lib/limits/token_failures.ts";
import type { LongRunningRequests } from "../lib/limits/long_running_requests.ts";
import { isWebSocketRoute, type Routes } from "../lib/routing/router.ts";
import type { RemoteSessions } from "../lib/sessions/remote_sessions.ts";
import { auth } from "./auth.ts";
import { consoleRoutes } from "./console/console.ts";
import type { FiguresSource } from "./console/figures.ts";
import { control } from "./control.ts";
import { echoOnRequest } from "./echo/echo.ts";
import { echoPartial } from "./echo/echo_partial.ts";
import { frames } from "./frames/frames.ts";
import { healthz } from "./http/healthz.ts";
import { httpEcho } from "./http/http_echo.ts";
import type { ListenerInfo } from "../lib/server/listeners.ts";
import { metrics, type MetricsText } from "./http/metrics.ts";
import { adminGuard } from "./sessions/admin_guard.ts";
import { sessionRoutes } from "./sessions/handlers.ts";
import { sse } from "./http/sse.ts";

/** What the routes need to know of the running service. */
export interface RouteContext {
  /** What `/auth` asks for. */
  readonly authToken: string;
  /** The service in figures. */
  readonly metrics: MetricsText & FiguresSource;
  /** What `/metrics` asks for; `undefined`: nothing. */
  readonly metricsToken: string | undefined;
  /** Where answers that take their time have their place. */
  readonly longRunningRequests: LongRunningRequests;
  /** Limits wrong tokens; unset: any number is compared. */
  readonly tokenFailures?: TokenFailures | undefined;
  /** Origins whose pages may read what the HTTP routes answer; unset: any. */
  readonly allowedOrigins?: ReadonlySet<string> | undefined;
  /** Bytes that may wait for a peer. */
  readonly sendBufferLimit: number;
  /** What the operator's routes need; unset: there are none. */
  readonly admin?: AdminContext | undefined;
  /** Whether the service is shutting down. */
  isDraining(): boolean;
  /** The listeners that run. */
  listeners(): readonly ListenerInfo[];
}

/** What the operator's routes need to know. */
export interface AdminContext {
  /** What they ask for. */
  readonly token: string;
  /** Where the sessions are. */
  readonly calls: RemoteSessions;
  /** Bytes of a message. */
  readonly maxPayload: number;
}

/**
 * Makes the router map.
 *
 * @param context what the routes need to know of the running service
 */
export function routes(context: RouteContext): Routes {
  const http = { "*": httpEcho(context.longRunningRequests) };
  const echo = echoOnRequest(context);
  const consoles = consoleRoutes({
    routes: () => map,
    listeners: context.listeners,
    metrics: context.metrics,
    metricsToken: context.metricsToken,
    tokenFailures: context.tokenFailures,
  });
  const map: Routes = {
    "/ws": echo,
    "/ws_partial": echoPartial,
    "/auth": auth(context.authToken, context.tokenFailures),
    "/control": control,
    "/frames": frames,
    ...shareRoutes({
      "/http": http,
      "/http/*": http,
      "/sse": { GET: sse(context.longRunningRequests) },
    }, context.allowedOrigins),
    "/metrics": {
      GET: metrics(
        context.metrics,
        context.metricsToken,
        context.tokenFailures,
      ),
    },
    "/healthz": { GET: healthz(context.isDraining) },
    ...adminRoutes(context, () => map),
    ...consoles,
    // A WebSocket without a path is an echo: clients are first tried so.
    "/": { ...echo, ...consoles["/"] },
  };
  return map;
}

function adminRoutes(context: RouteContext, map: () => Routes): Routes {
  const { admin, longRunningRequests } = context;
  if (admin === undefined) return {};
  const { token, calls, maxPayload } = admin;
  const sessions = sessionRoutes({
    guard: adminGuard(token, context.tokenFailures),
    calls,
    maxPayload,
    stopping: longRunningRequests.stopping,
    webSocketPaths: () =>
      Object.entries(map())
        .filter(([, route]) => isWebSocketRoute(route))
        .map(([path]) => path),
  });
  return guardRoutes(sessions, context.allowedOrigins);
}
