/**
 * The sessions that a message goes to.
 *
 * @module
 */

import { PathPattern } from "../routing/path_pattern.ts";
import type { Connection, PathParams } from "../websocket.ts";

/**
 * Selects sessions; with both fields, those that both select.
 *
 * @example
 * ```ts
 * import { serve, type SessionTarget } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const red: SessionTarget = { path: "/rooms/red" };
 * const routes = { "/rooms/:name": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/rooms/red`);
 * await using _other = await connect(`${server.urls.frame}/rooms/blue`);
 * const { sent } = await server.sessions.broadcast("news", red);
 * assertEquals(sent, 1);
 * assertEquals((await client.nextMessage()).text(), "news");
 * ```
 */
export interface SessionTarget {
  /**
   * Path of a route as it was registered, such as `/rooms/:name`.
   * @default every route
   */
  readonly route?: string | undefined;
  /**
   * Path of the handshake's URL, such as `/rooms/a`: one room of the route
   * `/rooms/:name`. It is compared as the router does, after percent-decoding.
   * @default every path
   */
  readonly path?: string | undefined;
}

/** The fields of a connection that a target is compared with. */
export type Addressed = Pick<Connection, "path" | "params">;

/**
 * Returns whether a text can be the path of a URL.
 *
 * @param text any text
 */
export function isPath(text: string): boolean {
  return text.startsWith("/") && !/[?#]/.test(text);
}

/**
 * Makes the test whether a connection is one of a target's. It parses the path once per
 * route, not once per connection.
 *
 * @param target selects sessions
 */
export function matcherOf(
  { route, path }: SessionTarget,
): (connection: Addressed) => boolean {
  /** The parameters of the path in each route; `undefined`: it does not match. */
  const params = new Map<string, PathParams | undefined>();
  const paramsIn = (pattern: string, path: string) => {
    if (!params.has(pattern)) {
      params.set(pattern, new PathPattern(pattern).match(path));
    }
    return params.get(pattern);
  };
  return (connection) => {
    const { path: pattern } = connection;
    if (route !== undefined && pattern !== route) return false;
    if (path === undefined) return true;
    if (!PathPattern.isPattern(pattern)) return pattern === path;
    const wanted = paramsIn(pattern, path);
    return wanted !== undefined &&
      Object.entries(wanted).every(([name, value]) =>
        connection.params[name] === value
      );
  };
}
