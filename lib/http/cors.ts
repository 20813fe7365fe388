/**
 * Access of pages of other origins to HTTP routes (the CORS protocol of the Fetch
 * standard). Credentials are never allowed.
 *
 * @module
 */

import { RefusedError } from "../protocol/http_error.ts";
import {
  allowedMethods,
  type HttpHandler,
  type HttpRoute,
  isWebSocketRoute,
  type Routes,
} from "../routing/router.ts";

/** Seconds that a browser may cache a preflight. */
const MAX_AGE = "600";

/** A method, or a list of header names (RFC 9110 §5.6.2). */
const TOKENS =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:, *[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;

/**
 * Allows pages of some origins to read the answers of routes. A page of another origin
 * may send simple requests, but its browser hides the answer.
 *
 * @param origins allowed origins; `undefined`: all
 */
export function shareRoutes(
  routes: Routes,
  origins: ReadonlySet<string> | undefined,
): Routes {
  const allowed = (request: Request) => {
    const origin = request.headers.get("origin");
    if (origins === undefined) return "*";
    return origin !== null && origins.has(origin) ? origin : undefined;
  };
  return wrapRoutes(routes, (route, handler) => async (request, info) => {
    const origin = allowed(request);
    const share = (headers: Headers) => {
      if (origins !== undefined) headers.append("vary", "origin");
      if (origin === undefined) return;
      headers.set("access-control-allow-origin", origin);
      headers.set("access-control-expose-headers", "*");
      headers.set("cross-origin-resource-policy", "cross-origin");
    };
    if (isPreflight(request)) {
      return withFields(preflight(request, route), share);
    }
    try {
      return withFields(await handler(request, info), share);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const headers = new Headers(error.answer.headers);
      share(headers);
      const answer = { ...error.answer, headers: Object.fromEntries(headers) };
      const { endsConnection } = error;
      throw new RefusedError(answer, { cause: error, endsConnection });
    }
  });
}

function withFields(
  response: Response,
  share: (headers: Headers) => void,
): Response {
  share(response.headers);
  return response;
}

/**
 * Refuses requests from pages with 403, for routes that only programs call. Pages of
 * listed origins are allowed. Pages of the same origin are not, unless it is listed:
 * a host name proves nothing (DNS rebinding).
 *
 * @param origins listed origins; `undefined` (all origins elsewhere) lists none
 */
export function guardRoutes(
  routes: Routes,
  origins: ReadonlySet<string> | undefined,
): Routes {
  const listed = origins ?? new Set();
  const shared = shareRoutes(routes, listed as ReadonlySet<string>);
  return wrapRoutes(shared, (_route, handler) => (request, info) => {
    const origin = request.headers.get("origin");
    if (origin === null || listed.has(origin)) return handler(request, info);
    throw new RefusedError({
      status: 403,
      message: "Pages of this origin may not use this path.",
      headers: { vary: "origin" },
    });
  });
}

/** Wraps every handler of HTTP routes, that of OPTIONS included. */
function wrapRoutes(
  routes: Routes,
  wrap: (route: HttpRoute, handler: HttpHandler) => HttpHandler,
): Routes {
  const wrapRoute = (route: HttpRoute): HttpRoute =>
    Object.fromEntries(
      Object.entries({ ...route, ...optionsOf(route) }).map((
        [method, handler],
      ) => [method, wrap(route, handler!)]),
    );
  return Object.fromEntries(
    Object.entries(routes).map(([path, route]) => [
      path,
      isWebSocketRoute(route) ? route : wrapRoute(route),
    ]),
  );
}

/** The OPTIONS handler of a route (RFC 9110 §9.3.7), unless the route has its own. */
function optionsOf(route: HttpRoute): HttpRoute {
  if ("*" in route || "OPTIONS" in route) return {};
  const allow = `${allowedMethods(route)}, OPTIONS`;
  return {
    OPTIONS: () => new Response(null, { status: 204, headers: { allow } }),
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("origin") &&
    headers.has("access-control-request-method");
}

function preflight(request: Request, route: HttpRoute): Response {
  const asked = (name: string) => {
    const value = request.headers.get(`access-control-request-${name}`);
    return value !== null && TOKENS.test(value) ? value : undefined;
  };
  const methods = "*" in route ? asked("method") : allowedMethods(route);
  const headers = asked("headers");
  return new Response(null, {
    status: 204,
    headers: {
      ...(methods !== undefined && { "access-control-allow-methods": methods }),
      ...(headers !== undefined && { "access-control-allow-headers": headers }),
      "access-control-max-age": MAX_AGE,
      "vary": "access-control-request-method, access-control-request-headers",
    },
  });
}
