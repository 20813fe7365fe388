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

/** Data of a request in addition to {@linkcode Request}. */
export interface HttpInfo {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** Parameters of the route's pattern. */
  readonly params: PathParams;
}

/** Answers one HTTP method of a route. */
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
 * An HTTP route: handlers by method. `GET` also answers HEAD; `*` answers all methods
 * without a handler of their own.
 */
export type HttpRoute = {
  readonly [method: Uppercase<string>]: HttpHandler | undefined;
};

/** A WebSocket handler with any type of state. */
// deno-lint-ignore no-explicit-any -- a State parameter is both read and written
export type AnyWebSocketHandler = WebSocketHandler<any>;

/**
 * A WebSocket route with HTTP methods: a request without `Upgrade: websocket` goes to the
 * handler of its method.
 */
export type MixedRoute =
  & AnyWebSocketHandler
  & { readonly [method: Uppercase<string>]: HttpHandler | undefined };

/** One entry of the router map. */
export type Route = AnyWebSocketHandler | MixedRoute | HttpRoute;

/**
 * The router map: routes by path, in the order of registration. A path may be a
 * {@linkcode PathPattern}; other paths match exactly.
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

function isRouterMap(routes: unknown): boolean {
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
   * Adds a route, behind those that are there.
   *
   * @param path a path or a pattern
   * @param route the handler or the handlers of the path
   * @throws {DuplicateRouteError} the path has a route
   * @throws {RouteError} a path without a leading slash, an invalid pattern or route
   */
  add(path: string, route: Route): void {
    if (!path.startsWith("/")) {
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
    return refused(
      404,
      "There is nothing at this path; GET / lists the routes.",
    );
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
