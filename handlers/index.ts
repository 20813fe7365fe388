/**
 * `/`: what is served here and how to connect to it.
 *
 * @module
 */

import {
  type HttpHandler,
  isWebSocketRoute,
  type Routes,
} from "../lib/router.ts";
import { PathPattern } from "../lib/path_pattern.ts";
import type { ListenerName } from "../lib/websocket.ts";

/** A listener, as the index page names it. */
export interface ListenerInfo {
  /** Which of the two. */
  readonly name: ListenerName;
  /** Its port. */
  readonly port: number;
}

/** What each listener is for. */
export const LISTENER_PURPOSE: Readonly<Record<ListenerName, string>> = {
  edge: "whole messages, on the runtime's own WebSocket server",
  frame: "every frame: fragments, PING and PONG, flow control",
};

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Answers with an HTML page.
 *
 * @param routes the router map; asked for at each request
 * @param listeners the listeners that run; asked for at each request
 */
export function index(
  routes: () => Routes,
  listeners: () => readonly ListenerInfo[],
): HttpHandler {
  return (request) =>
    new Response(page(new URL(request.url), routes(), listeners()), {
      headers: PAGE_HEADERS,
    });
}

function page(
  url: URL,
  routes: Routes,
  listeners: readonly ListenerInfo[],
): string {
  const paths = Object.keys(routes);
  const isWebSocket = (path: string) => isWebSocketRoute(routes[path]!);
  const webSocketPaths = paths.filter(isWebSocket);
  const edge = webSocketBase(url, undefined);
  const example = escapeHtml(`${edge}${webSocketPaths[0] ?? "/"}`);
  const sections = listeners.map((listener) => {
    const base = listener.name === "edge"
      ? edge
      : webSocketBase(url, listener.port);
    const items = webSocketPaths.map((path) =>
      `<li><code>${escapeHtml(base + path)}</code></li>`
    );
    return `<h2>The ${listener.name} listener</h2>
<p>${LISTENER_PURPOSE[listener.name]}</p>
<ul>
${items.join("\n")}
</ul>`;
  });
  const pages = paths.filter((path) =>
    !isWebSocket(path) && !PathPattern.isPattern(path)
  );
  const http = pages.map((path) =>
    `<li><a href="${escapeHtml(path)}">${escapeHtml(path)}</a></li>`
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>ws-echo-server</title>
<h1>ws-echo-server</h1>
<p>A WebSocket echo service. Connect with any client:</p>
<pre>websocat ${example}</pre>
<pre>const socket = new WebSocket("${example}");
socket.onopen = () =&gt; socket.send("hello");
socket.onmessage = (event) =&gt; console.log(event.data);</pre>
${sections.join("\n")}
<h2>HTTP</h2>
<ul>
${http.join("\n")}
</ul>
</html>
`;
}

/** The page's own origin as a WebSocket one, on another port where one is given. */
function webSocketBase(url: URL, port: number | undefined): string {
  const base = new URL(url.origin);
  base.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (port !== undefined) base.port = String(port);
  return base.href.replace(/\/$/, "");
}

function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
