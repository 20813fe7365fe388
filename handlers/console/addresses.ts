/**
 * The list of the service's addresses as plain text, for curl and for browsers
 * without JavaScript.
 *
 * @module
 */

import {
  type HttpHandler,
  isWebSocketRoute,
  type Routes,
  servesHttp,
} from "../../lib/routing/router.ts";
import {
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../lib/server/listeners.ts";
import type { ListenerName } from "../../lib/websocket.ts";
import { ROUTE_DESCRIPTIONS } from "./route_descriptions.ts";

/** Prefix of the paths that only the console page requests. */
export const CONSOLE_PATH = "/console/";

/** Path of the figures in the page's tiles. */
export const FIGURES_PATH = `${CONSOLE_PATH}figures.json`;

/**
 * Responds with the URL of every route on every listener that serves it.
 *
 * @param routes gives the router map at each request
 * @param listeners gives the running listeners at each request
 */
export function addresses(
  routes: () => Routes,
  listeners: () => readonly ListenerInfo[],
): HttpHandler {
  return (request) =>
    new Response(list(new URL(request.url), routes(), listeners()), {
      headers: {
        "cache-control": "no-store",
        "content-type": "text/plain; charset=utf-8",
        "vary": "accept",
      },
    });
}

function list(
  url: URL,
  routes: Routes,
  listeners: readonly ListenerInfo[],
): string {
  const paths = Object.keys(routes);
  const webSocket = paths.filter((path) => isWebSocketRoute(routes[path]!));
  const http = paths.filter((path) =>
    servesHttp(routes[path]!) && !path.startsWith(CONSOLE_PATH)
  );
  const sections = listeners.map(({ name, port }) => {
    const base = webSocketBase(url, name === "edge" ? undefined : port);
    return section(
      `The ${name} listener: ${LISTENER_PURPOSE[name]}`,
      webSocket.filter((path) => isServedOn(path, name))
        .map((path) => base + path),
    );
  });
  return [
    "ws-echo-server: a WebSocket echo service\n",
    section("Try it", [
      `websocat ${webSocketBase(url, undefined)}${webSocket[0] ?? "/"}`,
    ]),
    ...sections,
    section("HTTP", http.map((path) => url.origin + path)),
  ].join("\n");
}

function isServedOn(path: string, name: ListenerName): boolean {
  const { listener = name } = ROUTE_DESCRIPTIONS[path] ?? {};
  return listener === name;
}

function section(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** The WebSocket URL of an origin without the final slash; the port defaults to the origin's. */
function webSocketBase(url: URL, port: number | undefined): string {
  const base = new URL(url.origin);
  base.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (port !== undefined) base.port = String(port);
  return base.href.replace(/\/$/, "");
}
