/**
 * The errors of the router map.
 *
 * @module
 */

/**
 * A route cannot be added or removed.
 *
 * @example
 * ```ts
 * import { RouteError, serve } from "@ws-echo/server";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const error = assertThrows(
 *   () => server.routes.add("rooms", { frame() {} }),
 *   RouteError,
 *   'route "rooms" does not begin with "/"',
 * );
 * assertEquals(error.path, "rooms");
 * ```
 */
export class RouteError extends TypeError {
  /** The class's name. */
  override readonly name: string = "RouteError";
  /** The route's path. */
  readonly path: string;

  /**
   * Makes an error.
   *
   * @param path the route's path
   * @param message names the path and the fault
   */
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * The path has a route already.
 *
 * @example
 * ```ts
 * import { DuplicateRouteError, serve } from "@ws-echo/server";
 * import { assertThrows } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * assertThrows(
 *   () => server.routes.add("/ws", { frame() {} }),
 *   DuplicateRouteError,
 * );
 * ```
 */
export class DuplicateRouteError extends RouteError {
  /** The class's name. */
  override readonly name = "DuplicateRouteError";

  /**
   * Makes an error.
   *
   * @param path the path
   */
  constructor(path: string) {
    super(path, `there is a route "${path}" already`);
  }
}

/**
 * There is no route with the path.
 *
 * @example
 * ```ts
 * import { serve, UnknownRouteError } from "@ws-echo/server";
 * import { assertThrows } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * assertThrows(() => server.routes.remove("/ws"), UnknownRouteError);
 * ```
 */
export class UnknownRouteError extends RouteError {
  /** The class's name. */
  override readonly name = "UnknownRouteError";

  /**
   * Makes an error.
   *
   * @param path the path
   */
  constructor(path: string) {
    super(path, `there is no route "${path}"`);
  }
}
