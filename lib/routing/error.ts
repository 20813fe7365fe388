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
 * import { DuplicateRouteError, serve } from "@ws-echo/server";
 *
 * await using server = await serve({
 *   routes: { "/": { GET: () => new Response("page") } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * try {
 *   server.routes.add("/", { GET: () => new Response("another page") });
 * } catch (error) {
 *   if (!(error instanceof DuplicateRouteError)) throw error;
 *   console.log(error.path); // /
 * }
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

/** The path has a route already. */
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

/** There is no route with the path. */
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
