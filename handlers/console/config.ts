/**
 * `/console/config.json`: the data from which the page builds its forms.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { PathPattern } from "../../lib/routing/path_pattern.ts";
import {
  type HttpHandler,
  isWebSocketRoute,
  type Routes,
} from "../../lib/routing/router.ts";
import {
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../lib/server/listeners.ts";
import { FIGURES_PATH } from "./addresses.ts";
import type { FiguresContext } from "./figures.ts";
import { JOURNAL, ROUTE_DESCRIPTIONS } from "./route_descriptions.ts";

/** Path of the journals; without it, no route has the parameter `journal`. */
const JOURNAL_PATH = "/journal/:name";

/** Sources of the page's data. */
export interface ConsoleContext extends FiguresContext {
  /** The router map, which includes the console's routes. */
  routes(): Routes;
  /** The running listeners. */
  listeners(): readonly ListenerInfo[];
}

/**
 * Responds with JSON: version, start, listeners, and every WebSocket route with
 * its subprotocols and parameters.
 *
 * @param context read at each request
 * @param startedAt milliseconds since the epoch
 */
export function consoleConfig(
  context: ConsoleContext,
  startedAt: number,
): HttpHandler {
  return () =>
    Response.json({
      version: project.version,
      startedAt,
      listeners: context.listeners().map((listener) => ({
        ...listener,
        purpose: LISTENER_PURPOSE[listener.name],
      })),
      routes: webSocketRoutes(context.routes()),
      // The page has no token for the figures.
      figures: context.metricsToken === undefined ? FIGURES_PATH : null,
    }, { headers: { "cache-control": "no-store" } });
}

/** Routes with a pattern are left out: the page connects to a path as it stands. */
function webSocketRoutes(routes: Routes) {
  const common = JOURNAL_PATH in routes ? [JOURNAL] : [];
  return Object.entries(routes).flatMap(([path, route]) =>
    isWebSocketRoute(route) && !PathPattern.isPattern(path)
      ? [{
        path,
        subprotocols: route.subprotocols ?? [],
        purpose: ROUTE_DESCRIPTIONS[path]?.purpose ?? "",
        parameters: [
          ...(ROUTE_DESCRIPTIONS[path]?.parameters ?? []),
          ...common,
        ],
      }]
      : []
  );
}
