/**
 * The router map: path → HTTP route or WebSocket handler.
 *
 * @module
 */

import { getLogger } from "@std/log";
import type { HttpError } from "../protocol/http_error.ts";
import { NO_PARAMS, type PathParams, PathPattern } from "./path_pattern.ts";
import type { ListenerName, WebSocketHandler } from "../websocket.ts";

/** What an HTTP handler knows beside the request. */
export interface HttpInfo {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** The peer's address as the transport saw it. */
  readonly remoteAddr: Deno.Addr;
  /** What stands in the path for the names of the route's pattern. */
  readonly params: PathParams;
}

/** Answers one HTTP method of a route. */
export interface HttpHandler {
  (request: Request, info: HttpInfo): Response | Promise<Response>;
  /**
   * Whether the frame listener has it answer, too. There, the requests for all
   * other handlers are answered with 426 and the address of the edge listener.
   * @default false
   */
  readonly isOnFrameListener?: boolean;
}

/**
 * An HTTP route: a handler a method. `GET` answers HEAD too, `*` any method that
 * has no handler of its own.
 */
export type HttpRoute = Readonly<Partial<Record<string, HttpHandler>>>;

/** A WebSocket handler whose state is its own affair. */
// deno-lint-ignore no-explicit-any -- a State parameter is both read and written
export type AnyWebSocketHandler = WebSocketHandler<any>;

/**
 * A WebSocket route that serves HTTP methods as well: a request that asks for no
 * WebSocket goes to the handler of its method.
 */
export type MixedRoute =
  & AnyWebSocketHandler
  & { readonly [method: Uppercase<string>]: HttpHandler | undefined };

/** One entry of the router map. */
export type Route = AnyWebSocketHandler | MixedRoute | HttpRoute;

/**
 * The router map, in the order of registration. A path is matched whole; the
 * path of an HTTP route may be a pattern: see {@linkcode PathPattern}.
 */
export type Routes = Readonly<Record<string, Route>>;

/** What a path and a method lead to. */
export type Match =
  | {
    readonly kind: "websocket";
    /** The route's path. */
    readonly path: string;
    /** The route's handler. */
    readonly handler: AnyWebSocketHandler;
  }
  | {
    readonly kind: "http";
    /** The route's path. */
    readonly path: string;
    /** The method's handler. */
    readonly handler: HttpHandler;
    /** What stands in the path for the names of the route's pattern. */
    readonly params: PathParams;
  }
  | {
    readonly kind: "refused";
    /** Why there is no handler. */
    readonly error: HttpError;
  };

/**
 * Whether a route is a WebSocket handler: it has `frame`, which is no method of
 * HTTP.
 *
 * @param route an entry of the router map
 */
export function isWebSocketRoute(route: Route): route is AnyWebSocketHandler {
  return "frame" in route;
}

/**
 * The methods of an HTTP route as its `Allow` field lists them.
 *
 * @param route an HTTP route
 */
export function allowedMethods(route: HttpRoute): string {
  const methods = new Set(Object.keys(route));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].join(", ");
}

/**
 * Whether a route has a handler of an HTTP method.
 *
 * @param route an entry of the router map
 */
export function servesHttp(route: Route): boolean {
  return !isWebSocketRoute(route) ||
    Object.keys(httpMethodsOf(route)).length > 0;
}

/** The name of a method in a WebSocket route, whose other properties are in lower case. */
const METHOD = /^(?:[A-Z][A-Z-]*|\*)$/;

function httpMethodsOf(route: AnyWebSocketHandler): HttpRoute {
  return Object.fromEntries(
    Object.entries(route).filter(([name]) => METHOD.test(name)),
  );
}

/** A method's handler; a peer may send any method, `constructor` too. */
function methodOf(route: HttpRoute, method: string): HttpHandler | undefined {
  if (Object.hasOwn(route, method)) return route[method];
  return (method === "HEAD" ? route.GET : undefined) ?? route["*"];
}

/** Finds the route of a request. */
export class Router {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #patterns: readonly PatternRoute[];

  /**
   * Takes a router map.
   *
   * @param routes the router map
   * @throws {TypeError} a path that does not begin with a slash, or a WebSocket
   * route whose path is a pattern
   */
  constructor(routes: Routes) {
    this.#routes = new Map(Object.entries(routes));
    const patterns: PatternRoute[] = [];
    for (const [path, route] of this.#routes) {
      if (!path.startsWith("/")) {
        throw new TypeError(`route "${path}" does not begin with "/"`);
      }
      if (!PathPattern.isPattern(path)) continue;
      if (isWebSocketRoute(route)) {
        throw new TypeError(`WebSocket route "${path}" is a pattern`);
      }
      patterns.push({ path, route, pattern: new PathPattern(path) });
    }
    this.#patterns = patterns;
  }

  /** Every route by its path, in the order of registration. */
  get routes(): ReadonlyMap<string, Route> {
    return this.#routes;
  }

  /** Writes a DEBUG line a route. */
  log(): void {
    const log = getLogger("httpd_uri");
    let index = 0;
    for (const path of this.#routes.keys()) {
      log.debug(`httpd_register_uri_handler: [${index++}] installed ${path}`);
    }
  }

  /**
   * Matches a request line. Whether a WebSocket route's request is a correct
   * handshake is decided later; its method is part of that.
   *
   * @param method the request's method
   * @param path the URL's path, as it was sent
   * @param asksForWebSocket whether the request has `Upgrade: websocket`; where
   * not, a WebSocket route's own handler of the method answers, if there is one
   */
  match(method: string, path: string, asksForWebSocket = false): Match {
    const route = this.#routes.get(path);
    if (route === undefined) return this.#matchPattern(method, path);
    if (!isWebSocketRoute(route)) {
      return matchMethod(route, method, path, NO_PARAMS);
    }
    if (method === "GET" && asksForWebSocket) {
      return { kind: "websocket", path, handler: route };
    }
    return matchWithoutUpgrade(route, method, path);
  }

  #matchPattern(method: string, path: string): Match {
    for (const { path: key, route, pattern } of this.#patterns) {
      const params = pattern.match(path);
      if (params !== undefined) return matchMethod(route, method, key, params);
    }
    return refused(
      404,
      "There is nothing at this path; GET / lists the routes.",
    );
  }
}

/** A route whose path is a pattern. */
interface PatternRoute {
  readonly path: string;
  readonly route: HttpRoute;
  readonly pattern: PathPattern;
}

/** A request for a WebSocket route that is no handshake, or not a correct one. */
function matchWithoutUpgrade(
  route: AnyWebSocketHandler,
  method: string,
  path: string,
): Match {
  const http = httpMethodsOf(route);
  const handler = methodOf(http, method);
  if (handler !== undefined) {
    return { kind: "http", path, handler, params: NO_PARAMS };
  }
  if (method === "GET") return { kind: "websocket", path, handler: route };
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
