/**
 * `/console/config.json`: what the console has to know of the service.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import {
  type HttpHandler,
  isWebSocketRoute,
  type Routes,
} from "../../lib/routing/router.ts";
import {
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../lib/server/listeners.ts";
import { ROUTE_DESCRIPTIONS } from "./route_descriptions.ts";
import { FIGURES_PATH } from "./addresses.ts";
import type { FiguresContext } from "./figures.ts";

/** What the console has to know of the service. */
export interface ConsoleContext extends FiguresContext {
  /** The router map that the console's routes become a part of. */
  routes(): Routes;
  /** The listeners that run. */
  listeners(): readonly ListenerInfo[];
}

/**
 * Answers with JSON: version, start, listeners, and every WebSocket route with
 * its subprotocols and parameters.
 *
 * @param context what to tell; asked for at each request
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
      // A page has no token to bring.
      figures: context.metricsToken === undefined ? FIGURES_PATH : null,
    }, { headers: { "cache-control": "no-store" } });
}

function webSocketRoutes(routes: Routes) {
  return Object.entries(routes).flatMap(([path, route]) =>
    isWebSocketRoute(route)
      ? [{
        path,
        subprotocols: route.subprotocols ?? [],
        purpose: ROUTE_DESCRIPTIONS[path]?.purpose ?? "",
        parameters: ROUTE_DESCRIPTIONS[path]?.parameters ?? [],
      }]
      : []
  );
}
