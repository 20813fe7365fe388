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
} from "../../lib/router.ts";
import { LISTENER_PURPOSE, type ListenerInfo } from "../../lib/listeners.ts";
import { ABOUT } from "./about.ts";

/** Where the metrics are, if they are served. */
const METRICS = "/metrics";

/**
 * Answers with JSON: version, start, listeners, and every WebSocket route with
 * its subprotocols and parameters.
 *
 * @param routes the router map; asked for at each request
 * @param listeners the listeners that run; asked for at each request
 */
export function consoleConfig(
  routes: () => Routes,
  listeners: () => readonly ListenerInfo[],
): HttpHandler {
  const startedAt = Date.now();
  return () =>
    Response.json({
      version: project.version,
      startedAt,
      listeners: listeners().map((listener) => ({
        ...listener,
        purpose: LISTENER_PURPOSE[listener.name],
      })),
      routes: webSocketRoutes(routes()),
      metrics: METRICS in routes() ? METRICS : null,
    }, { headers: { "cache-control": "no-store" } });
}

function webSocketRoutes(routes: Routes) {
  return Object.entries(routes).flatMap(([path, route]) =>
    isWebSocketRoute(route)
      ? [{
        path,
        subprotocols: route.subprotocols ?? [],
        purpose: ABOUT[path]?.purpose ?? "",
        parameters: ABOUT[path]?.parameters ?? [],
      }]
      : []
  );
}
