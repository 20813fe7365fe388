/**
 * The routes of a running server.
 *
 * @module
 */

import type { ServerConfig } from "../config/server_config.ts";
import type { Service } from "../listener/service.ts";
import type { Route } from "../routing/router.ts";
import { addRoute } from "./assemble.ts";

/**
 * The router map of a running server.
 *
 * @example
 * ```ts
 * import { serve, type ServerRoutes } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const open = (routes: ServerRoutes) =>
 *   routes.add("/ws", { frame() {} });
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * open(server.routes);
 * assertEquals(server.routes.paths, ["/ws"]);
 * server.routes.remove("/ws");
 * assertEquals(server.routes.paths, []);
 * ```
 */
export class ServerRoutes {
  readonly #service: Service;
  readonly #config: Pick<ServerConfig, "messageRate">;

  /**
   * Wraps the router map of a service.
   *
   * @param service the service
   * @param config the limit of messages of each route
   */
  constructor(service: Service, config: Pick<ServerConfig, "messageRate">) {
    this.#service = service;
    this.#config = config;
  }

  /** The paths of all routes, in the order of registration. */
  get paths(): readonly string[] {
    return [...this.#service.router.routes.keys()];
  }

  /**
   * Adds a route, after those that are there. In a server with several threads, each
   * thread has routes of its own.
   *
   * @param path a path or a pattern
   * @param route the handler or the handlers of the path
   * @throws {DuplicateRouteError} the path has a route
   * @throws {RouteError} the path is not valid
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * server.routes.add("/rooms/:name", {
   *   frame: (connection, frame) => connection.send(frame),
   * });
   * assertEquals(server.routes.paths, ["/rooms/:name"]);
   * ```
   */
  add(path: string, route: Route): void {
    addRoute(this.#service, this.#config, path, route);
  }

  /**
   * Removes a route. Its connections stay open.
   *
   * @param path as it was added
   * @throws {UnknownRouteError} there is no such route
   *
   * @example
   * ```ts
   * import { serve } from "@ws-echo/server";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
   * server.routes.add("/page", { GET: () => new Response("page") });
   * server.routes.remove("/page");
   * assertEquals(server.routes.paths, []);
   * ```
   */
  remove(path: string): void {
    this.#service.router.remove(path);
  }

  /** Logs one DEBUG line per route. */
  log(): void {
    this.#service.router.log();
  }
}
