/**
 * What is served here and how to connect to it, as plain text: for curl, and for
 * browsers without JavaScript.
 *
 * @module
 */

import {
  type HttpHandler,
  isWebSocketRoute,
  type Routes,
  servesHttp,
} from "../../lib/routing/router.ts";
import { PathPattern } from "../../lib/routing/path_pattern.ts";
import {
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../lib/server/listeners.ts";

/** Below this path is what the console is made of, which nobody asks for by hand. */
export const CONSOLE_PATH = "/console/";

/** Path of the figures that the console shows. */
export const FIGURES_PATH = `${CONSOLE_PATH}figures.json`;

/**
 * Answers with a list of every route by its address.
 *
 * @param routes the router map; asked for at each request
 * @param listeners the listeners that run; asked for at each request
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
    servesHttp(routes[path]!) && !PathPattern.isPattern(path) &&
    !path.startsWith(CONSOLE_PATH)
  );
  const sections = listeners.map(({ name, port }) => {
    const base = webSocketBase(url, name === "edge" ? undefined : port);
    return section(
      `The ${name} listener: ${LISTENER_PURPOSE[name]}`,
      webSocket.map((path) => base + path),
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

function section(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** The page's own origin as a WebSocket one, on another port where one is given. */
function webSocketBase(url: URL, port: number | undefined): string {
  const base = new URL(url.origin);
  base.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (port !== undefined) base.port = String(port);
  return base.href.replace(/\/$/, "");
}
