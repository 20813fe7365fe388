/**
 * The router map: every route of the service.
 *
 * @module
 */

import { ResultStore } from "../lib/conformance/result_store.ts";
import { guardRoutes, shareRoutes } from "../lib/http/cors.ts";
import type { LongRunningRequests } from "../lib/limits/long_running_requests.ts";
import type { HeldMemory } from "../lib/memory/held_memory.ts";
import type { TokenFailures } from "../lib/limits/token_failures.ts";
import { isWebSocketRoute, type Routes } from "../lib/routing/router.ts";
import type { ListenerInfo } from "../lib/server/listeners.ts";
import { auth } from "./auth.ts";
import { conformanceRoutes } from "./conformance/conformance.ts";
import { reportRoutes } from "./conformance/reports/report_routes.ts";
import { consoleRoutes } from "./console/console.ts";
import type { FiguresSource } from "./console/figures.ts";
import { control } from "./control.ts";
import { echo, echoOnRequest, reply } from "./echo/echo.ts";
import { echoPartial } from "./echo/echo_partial.ts";
import { frames } from "./frames/frames.ts";
import { livez, readyz } from "./http/health.ts";
import { httpEcho } from "./http/http_echo.ts";
import { metrics, type MetricsText } from "./http/metrics.ts";
import { refuseState, threadRefusal, withoutState } from "./http/one_thread.ts";
import { sse } from "./http/sse.ts";
import { journaled } from "./journal/journaled.ts";
import { Journals } from "./journal/journals.ts";
import { scriptRoutes } from "./script/routes.ts";
import { type AdminContext, adminHandlers } from "./sessions/handlers.ts";
import { showRoutes } from "./show/show.ts";

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
  /**
   * MISBEHAVIOUR: whether there are plans, and the query of `/ws`.
   * @default true
   */
  readonly misbehaviour?: boolean | undefined;
  /**
   * WORKERS: number of threads. With several, routes and steps that keep state between
   * connections are refused.
   * @default 1
   */
  readonly workers?: number | undefined;
  /** Maximum number of bytes that wait for a client. */
  readonly sendBufferLimit: number;
  /**
   * Maximum bytes of a message.
   * @default 16 MiB
   */
  readonly maxPayload?: number | undefined;
  /**
   * Maximum number of frames in a message.
   * @default 131072
   */
  readonly maxFragments?: number | undefined;
  /**
   * Milliseconds from a CLOSE to the end of TCP.
   * @default 5000
   */
  readonly closeTimeout?: number | undefined;
  /**
   * Token, sessions and message limit of the admin API.
   * @default no admin API
   */
  readonly admin?:
    | Pick<
      AdminContext,
      "token" | "sessions" | "maxPayload" | "drain" | "drainTime" | "trustProxy"
    >
    | undefined;
  /**
   * The journals, which may also get refused handshakes.
   * @default journals of this map alone
   */
  readonly journals?: Journals | undefined;
  /**
   * The account of what routes hold apart from connections and requests.
   * @default none
   */
  readonly heldMemory?: HeldMemory | undefined;
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
  const { journals = new Journals(), misbehaviour = true, workers } = context;
  const script = {
    ...context,
    journals,
    stopping: longRunningRequests.stopping,
  };
  const ws = misbehaviour ? echoOnRequest(script) : echo;
  const results = new ResultStore();
  const http = { "*": httpEcho(longRunningRequests) };
  const consoles = consoleRoutes({
    routes: () => withoutState(map, workers),
    listeners: context.listeners,
    metrics: context.metrics,
    metricsToken,
    tokenFailures,
  });
  const shown = showRoutes({ ...context, echo: ws, journals });
  const all: Routes = {
    "/ws": ws,
    "/ws_partial": echoPartial,
    "/auth": auth(context.authToken, tokenFailures),
    "/control": control,
    "/frames": frames,
    ...(misbehaviour && scriptRoutes({ ...script, reply })),
    ...shareRoutes({
      "/http": http,
      "/http/*": http,
      "/sse": { GET: sse(longRunningRequests) },
    }, allowedOrigins),
    "/metrics": { GET: metrics(context.metrics, metricsToken, tokenFailures) },
    "/livez": { GET: livez },
    "/readyz": { GET: readyz(context.isDraining) },
    "/healthz": { GET: readyz(context.isDraining) },
    ...(misbehaviour && {
      ...refuseState({
        ...conformanceRoutes({ listeners: context.listeners, results }),
        ...reportRoutes(results, longRunningRequests),
      }, workers),
    }),
    ...guardRoutes(adminRoutes(context, () => map), allowedOrigins),
    ...(misbehaviour ? shown : withoutMisbehaviour(shown)),
    // "/" and "/console/…"
    ...consoles,
    // Users first try a client without a path: "/" is an echo, too.
    "/": { ...ws, ...consoles["/"] },
  };
  const map = misbehaviour
    ? journaled(all, journals, threadRefusal("journals", workers))
    : all;
  return map;
}

/** Routes that only show what a client does stay without misbehaviour. */
const HARMLESS: readonly string[] = ["/info", "/echo", "/echo/*"];

function withoutMisbehaviour(routes: Routes): Routes {
  return Object.fromEntries(
    Object.entries(routes).filter(([path]) => HARMLESS.includes(path)),
  );
}

function adminRoutes(context: RouteContext, map: () => Routes): Routes {
  if (context.admin === undefined) return {};
  const { list, send, sendToAll, close, drain } = adminHandlers({
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
    "/drain": { POST: drain },
  };
}

function webSocketPaths(map: Routes): string[] {
  return Object.entries(map)
    .filter(([, route]) => isWebSocketRoute(route))
    .map(([path]) => path);
}
