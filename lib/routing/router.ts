/**
 * The router map: path → HTTP route or WebSocket handler.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import type { HttpError } from "../protocol/http_error.ts";
import type {
  ListenerName,
  PathParams,
  WebSocketHandler,
} from "../websocket.ts";
import { checkRoute, METHOD } from "./check_route.ts";
import { DuplicateRouteError, RouteError, UnknownRouteError } from "./error.ts";
import { NO_PARAMS, PathPattern } from "./path_pattern.ts";

/**
 * Data of a request in addition to its `Request`.
 *
 * @example
 * ```ts
 * import { type HttpInfo, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const hello = (_request: Request, { params }: HttpInfo) =>
 *   new Response(`hello ${params.name}`);
 * await using server = await serve({
 *   routes: { "/hello/:name": { GET: hello } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/hello/ada`);
 * assertEquals(await response.text(), "hello ada");
 * ```
 */
export interface HttpInfo {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** Parameters of the route's pattern; empty for a path without a pattern. */
  readonly params: PathParams;
}

/**
 * Answers one HTTP method of a route. An error, a rejection or a response that cannot be
 * sent is logged, and the client gets 500.
 *
 * @example
 * ```ts
 * import { type HttpHandler, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const page: HttpHandler = () => new Response("page");
 * const onBoth = Object.assign(page, { isOnFrameListener: true });
 * const routes = { "/": { GET: onBoth } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const { port } = server.addresses.frame!;
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * assertEquals(await response.text(), "page");
 * ```
 */
export interface HttpHandler {
  (request: Request, info: HttpInfo): Response | Promise<Response>;
  /**
   * Whether the frame listener calls the handler, too. It answers requests for other HTTP
   * handlers with 426 and the address of the edge listener.
   * @default false
   */
  readonly isOnFrameListener?: boolean;
}

/**
 * An HTTP route: handlers by method, in capital letters. `GET` also answers HEAD; `*`
 * answers all methods without a handler of their own. Another method gets 405 with
 * `Allow` (RFC 9110 §15.5.6).
 *
 * @example
 * ```ts
 * import { type HttpRoute, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const notes: string[] = [];
 * const route: HttpRoute = {
 *   GET: () => Response.json(notes),
 *   async POST(request) {
 *     notes.push(await request.text());
 *     return new Response(null, { status: 204 });
 *   },
 * };
 * const routes = { "/notes": route };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const url = `${server.urls.http}/notes`;
 * await fetch(url, { method: "POST", body: "tea" });
 * assertEquals(await (await fetch(url)).json(), ["tea"]);
 * ```
 */
export type HttpRoute = {
  readonly [method: Uppercase<string>]: HttpHandler | undefined;
};

/**
 * A WebSocket handler with any type of state.
 *
 * @example
 * ```ts
 * import type { AnyWebSocketHandler, WebSocketHandler } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const limited = (handler: AnyWebSocketHandler): AnyWebSocketHandler => ({
 *   ...handler,
 *   maxPayload: 4096,
 * });
 * const counter: WebSocketHandler<{ count: number }> = {
 *   open: (connection) => void (connection.state = { count: 0 }),
 *   frame: (connection) => connection.send(`${++connection.state.count}`),
 * };
 * const client = await openHandler(limited(counter));
 * await client.receive("any");
 * assertEquals(client.messages, ["1"]);
 * ```
 */
// deno-lint-ignore no-explicit-any -- a State parameter is both read and written
export type AnyWebSocketHandler = WebSocketHandler<any>;

/**
 * A WebSocket route with HTTP methods: a request without `Upgrade: websocket` goes to the
 * handler of its method.
 *
 * @example
 * ```ts
 * import { type MixedRoute, serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const route: MixedRoute = {
 *   frame: (connection, frame) => connection.send(frame),
 *   GET: () => new Response("connect with a WebSocket"),
 * };
 * const routes = { "/echo": route };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const response = await fetch(`${server.urls.http}/echo`);
 * assertEquals(await response.text(), "connect with a WebSocket");
 * await using client = await connect(`${server.urls.edge}/echo`);
 * assertEquals(client.handshake.response.status, 101);
 * ```
 */
export type MixedRoute =
  & AnyWebSocketHandler
  & { readonly [method: Uppercase<string>]: HttpHandler | undefined };

/**
 * One entry of the router map: a WebSocket handler if it has a `frame` method, otherwise
 * HTTP handlers.
 *
 * @example
 * ```ts
 * import { type Route, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const echo: Route = { frame: (connection, frame) => connection.send(frame) };
 * const page: Route = { GET: () => new Response("page") };
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * server.routes.add("/echo", echo);
 * server.routes.add("/", page);
 * assertEquals(server.routes.paths, ["/echo", "/"]);
 * ```
 */
export type Route = AnyWebSocketHandler | MixedRoute | HttpRoute;

/**
 * The router map: routes by path, which begins with a slash. A path without a pattern
 * matches exactly, and comes before patterns.
 *
 * In a pattern, `:name` matches one segment that is not empty, and a final `*` the rest of
 * the path, which may be empty. `params` has the value of `:name` percent-decoded, that of
 * `*` as received. Of two patterns that match, a literal segment comes before `:name`, and
 * `:name` before `*`; the first segment that differs decides. A path that no route matches gets 404.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const routes: Routes = {
 *   "/rooms/:name": {
 *     open: (connection) => connection.send(connection.params.name!),
 *     frame() {},
 *   },
 *   "/files/*": { GET: (_request, { params }) => new Response(params["*"]) },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const response = await fetch(`${server.urls.http}/files/a/b.txt`);
 * assertEquals(await response.text(), "a/b.txt");
 * ```
 */
export type Routes = Readonly<Record<string, Route>>;

/** The result of {@linkcode Router.match}. */
export type Match =
  | {
    readonly kind: "websocket";
    /** The route's path. */
    readonly path: string;
    /** The route's handler. */
    readonly handler: AnyWebSocketHandler;
    /** Parameters of the route's pattern. */
    readonly params: PathParams;
  }
  | {
    readonly kind: "http";
    /** The route's path. */
    readonly path: string;
    /** The method's handler. */
    readonly handler: HttpHandler;
    /** Parameters of the route's pattern. */
    readonly params: PathParams;
  }
  | {
    readonly kind: "refused";
    /** The response to send. */
    readonly error: HttpError;
  };

/** Returns whether a route is a WebSocket handler: it has a `frame` method. */
export function isWebSocketRoute(route: Route): route is AnyWebSocketHandler {
  return "frame" in route;
}

/** Returns the methods of an HTTP route for an `Allow` field. */
export function allowedMethods(route: HttpRoute): string {
  const methods = new Set(Object.keys(route));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].join(", ");
}

/** Returns whether a route has a handler for an HTTP method. */
export function servesHttp(route: Route): boolean {
  return !isWebSocketRoute(route) ||
    Object.keys(httpMethodsOf(route)).length > 0;
}

function httpMethodsOf(route: AnyWebSocketHandler): HttpRoute {
  return Object.fromEntries(
    Object.entries(route).filter(([name]) => METHOD.test(name)),
  );
}

/** Returns the handler of a method. A client may send any name, such as `constructor`. */
function methodOf(route: HttpRoute, method: string): HttpHandler | undefined {
  if (Object.hasOwn(route, method)) return route[method as Uppercase<string>];
  return (method === "HEAD" ? route.GET : undefined) ?? route["*"];
}

/**
 * Returns whether a value is an object of routes by path, and no list or map.
 *
 * @param routes any value
 */
export function isRouterMap(routes: unknown): routes is Routes {
  return typeof routes === "object" && routes !== null &&
    !(Symbol.iterator in routes);
}

/** Finds the route of a request. */
export class Router {
  readonly #routes = new Map<string, Route>();
  #patterns: PatternRoute[] = [];

  /**
   * Makes a router.
   *
   * @throws {RouteError} a path without a leading slash, an invalid pattern or route
   */
  constructor(routes: Routes) {
    if (!isRouterMap(routes)) {
      throw new RouteError("", "the router map is no object of routes by path");
    }
    for (const [path, route] of Object.entries(routes)) this.add(path, route);
  }

  /**
   * Adds a route, after those that are there.
   *
   * @param path a path or a pattern
   * @param route the handler or the handlers of the path
   * @throws {DuplicateRouteError} the path has a route
   * @throws {RouteError} a path without a leading slash, an invalid pattern or route
   */
  add(path: string, route: Route): void {
    if (typeof path !== "string" || !path.startsWith("/")) {
      throw new RouteError(path, `route "${path}" does not begin with "/"`);
    }
    if (this.#routes.has(path)) throw new DuplicateRouteError(path);
    checkRoute(path, route);
    if (PathPattern.isPattern(path)) {
      this.#patterns.push({ path, route, pattern: parsePattern(path) });
      this.#patterns.sort((one, other) =>
        PathPattern.compare(one.pattern, other.pattern)
      );
    }
    this.#routes.set(path, route);
  }

  /**
   * Removes a route. Its connections stay open.
   *
   * @param path as it was added
   * @throws {UnknownRouteError} there is no such route
   */
  remove(path: string): void {
    if (!this.#routes.delete(path)) throw new UnknownRouteError(path);
    this.#patterns = this.#patterns.filter((route) => route.path !== path);
  }

  /** All routes by path, in the order of registration. */
  get routes(): ReadonlyMap<string, Route> {
    return this.#routes;
  }

  /** Logs one DEBUG line per route. */
  log(): void {
    const log = getLogger("httpd_uri");
    let index = 0;
    for (const path of this.#routes.keys()) {
      log.debug(
        ...line`httpd_register_uri_handler: [${{
          "http.route.index": index++,
        }}] installed ${{ "http.route": path }}`,
      );
    }
  }

  /**
   * Finds the handler of a request. The handshake itself is checked later.
   *
   * @param path the URL's path, as received
   * @param asksForWebSocket whether the request has `Upgrade: websocket`; if not, the
   * HTTP method of a WebSocket route answers, if it has one
   */
  match(method: string, path: string, asksForWebSocket = false): Match {
    const isUpgrade = method === "GET" && asksForWebSocket;
    const route = this.#routes.get(path);
    if (route !== undefined) {
      return matchRoute(route, method, isUpgrade, path, NO_PARAMS);
    }
    for (const { path: key, route, pattern } of this.#patterns) {
      const params = pattern.match(path);
      if (params === undefined) continue;
      return matchRoute(route, method, isUpgrade, key, params);
    }
    const hint = this.#hasStartPage() ? "; try GET /" : "";
    return refused(404, `There is nothing at this path${hint}.`);
  }

  #hasStartPage(): boolean {
    const start = this.#routes.get("/");
    return start !== undefined && "GET" in start;
  }
}

/** A route with a pattern. */
interface PatternRoute {
  readonly path: string;
  readonly route: Route;
  readonly pattern: PathPattern;
}

function matchRoute(
  route: Route,
  method: string,
  isUpgrade: boolean,
  path: string,
  params: PathParams,
): Match {
  if (!isWebSocketRoute(route)) return matchMethod(route, method, path, params);
  return isUpgrade
    ? { kind: "websocket", path, handler: route, params }
    : matchWithoutUpgrade(route, method, path, params);
}

function parsePattern(path: string): PathPattern {
  try {
    return new PathPattern(path);
  } catch (error) {
    throw new RouteError(path, (error as Error).message);
  }
}

/** Matches a request without `Upgrade: websocket`, or with another method than GET. */
function matchWithoutUpgrade(
  route: AnyWebSocketHandler,
  method: string,
  path: string,
  params: PathParams,
): Match {
  const http = httpMethodsOf(route);
  const handler = methodOf(http, method);
  if (handler !== undefined) {
    return { kind: "http", path, handler, params };
  }
  if (method === "GET") {
    return { kind: "websocket", path, handler: route, params };
  }
  const others = Object.keys(http);
  if (others.length === 0) {
    return refused(405, "A WebSocket handshake is a GET.", { allow: "GET" });
  }
  const allow = "GET" in http
    ? allowedMethods(http)
    : ["GET", ...others].join(", ");
  return refused(405, `This path answers to ${allow}.`, { allow });
}

function matchMethod(
  route: HttpRoute,
  method: string,
  path: string,
  params: PathParams,
): Match {
  const handler = methodOf(route, method);
  if (handler !== undefined) return { kind: "http", path, handler, params };
  const allow = allowedMethods(route);
  return refused(405, `This path answers to ${allow}.`, { allow });
}

function refused(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Match {
  return { kind: "refused", error: { status, message, headers } };
}
