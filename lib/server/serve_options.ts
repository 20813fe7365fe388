/**
 * The options of {@linkcode serve}.
 *
 * @module
 */

import type { SettingOptions } from "../config/options.ts";
import { OptionsError } from "../config/options_error.ts";
import type { ErrorHandlers } from "../listener/refusal.ts";
import { isRouterMap, type Routes } from "../routing/router.ts";
import type { CloseEventInfo, Connection } from "../websocket.ts";
import type { RouteContext, ServiceHooks } from "./assemble.ts";

/**
 * Makes the router map from the parts of the server.
 *
 * @example
 * ```ts
 * import { type RoutesOf, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const routes: RoutesOf = ({ metrics }) => ({
 *   "/metrics": { GET: async () => new Response(await metrics.text()) },
 * });
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const { status } = await fetch(`${server.urls.http}/metrics`, {
 *   method: "HEAD",
 * });
 * assertEquals(status, 200);
 * ```
 */
export type RoutesOf = (context: RouteContext) => Routes | Promise<Routes>;

/**
 * Options of {@linkcode serve}: the settings, the routes and the hooks.
 *
 * @example
 * ```ts
 * import { serve, type ServeOptions } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const ids: string[] = [];
 * const options: ServeOptions = {
 *   routes: { "/ws": { frame() {} } },
 *   onConnection: ({ id }) => void ids.push(id),
 *   host: "127.0.0.1",
 *   port: 0,
 *   maxConnections: 100,
 * };
 * await using server = await serve(options);
 * await using client = await connect(`${server.urls.frame}/ws`);
 * assertEquals(ids.length, 1);
 * ```
 */
export interface ServeOptions extends SettingOptions {
  /** The router map, or a function that makes it from the parts of the server. */
  readonly routes: Routes | RoutesOf;
  /**
   * Replaces the responses to refused requests, by status.
   * @default text, or JSON where the client's `Accept` prefers it
   */
  readonly errors?: ErrorHandlers | undefined;
  /**
   * Returns the path of a request as the log shows it: without the segments that are
   * secret. Called for every handshake, and for every request that is refused, whether a
   * route matches or not. It must not throw.
   *
   * @default the path
   * @param path as received, without the query
   */
  readonly maskPath?: ((path: string) => string) | undefined;
  /**
   * Called for every connection of every route, before the handler's `open`. An error or
   * a rejection is logged and has no other effect.
   *
   * @param connection has become a session
   */
  readonly onConnection?:
    | ((connection: Connection) => void | Promise<void>)
    | undefined;
  /**
   * Called once for every connection that has ended, after the handler's `close`. An
   * error or a rejection is logged and has no other effect.
   *
   * @param connection is no session any more
   * @param event code and reason, as the handler's `close` gets them
   */
  readonly onDisconnection?:
    | ((connection: Connection, event: CloseEventInfo) => void | Promise<void>)
    | undefined;
  /**
   * URL of the module that each thread runs, with `workers` above 1: `import.meta.url`
   * of the module that calls `serve()`.
   */
  readonly workerModule?: string | undefined;
  /**
   * Called when a thread has failed; its connections are lost, and the limits still
   * count them. The process should end and be started again.
   * @default the failure is logged
   */
  readonly onWorkerFailure?: (() => void) | undefined;
}

/** The options that are no settings. */
export interface ServerParts {
  /** Makes the router map. */
  readonly routesOf: RoutesOf;
  /** Called by the listeners. */
  readonly hooks: ServiceHooks;
  /** URL of the module that each thread runs; `""`: none. */
  readonly workerModule: string;
  /** Called when a thread has failed. */
  readonly onWorkerFailure: () => void;
}

/**
 * Separates the settings from the other options, and checks the latter.
 *
 * @param options the options of `serve()`
 * @throws {OptionsError} an option that is not valid
 */
export function splitOptions(
  options: ServeOptions,
): { readonly settings: SettingOptions; readonly parts: ServerParts } {
  if (typeof options !== "object" || options === null) {
    throw new OptionsError("options", "are missing: at least { routes }");
  }
  const {
    routes,
    errors,
    maskPath,
    onConnection,
    onDisconnection,
    workerModule = "",
    onWorkerFailure = () => {},
    ...settings
  } = options;
  if (routes === undefined) {
    throw new OptionsError("routes", "is missing: paths and their handlers");
  }
  if (typeof routes !== "function") checkRoutes(routes);
  checkErrors(errors);
  checkFunctions({
    maskPath,
    onConnection,
    onDisconnection,
    onWorkerFailure,
  });
  checkWorkerModule(workerModule, settings.workers);
  return {
    settings,
    parts: {
      routesOf: typeof routes === "function"
        ? async (context) => checkRoutes(await routes(context))
        : () => routes,
      hooks: {
        ...(errors && { errors }),
        ...(maskPath && { maskPath }),
        ...(onConnection && { onConnection }),
        ...(onDisconnection && { onDisconnection }),
      },
      workerModule,
      onWorkerFailure,
    },
  };
}

function checkRoutes(routes: Routes): Routes {
  if (isRouterMap(routes)) return routes;
  throw new OptionsError(
    "routes",
    "is not valid; allowed: an object of handlers by path, or a function that returns one",
  );
}

function checkFunctions(functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== "function") {
      throw new OptionsError(name, "is not a function");
    }
  }
}

/** The statuses of refused requests (RFC 9110 §15.5, §15.6). */
const ERROR_STATUS = /^[45]\d\d$/;

function checkErrors(errors: ErrorHandlers | undefined): void {
  if (errors === undefined) return;
  const isObject = typeof errors === "object" && errors !== null;
  const isValid = isObject &&
    Object.entries(errors).every(([status, handler]) =>
      ERROR_STATUS.test(status) && typeof handler === "function"
    );
  if (!isValid) {
    throw new OptionsError(
      "errors",
      "is not valid; allowed: functions by status, from 400 to 599",
    );
  }
}

function checkWorkerModule(
  workerModule: string,
  workers: number | undefined,
): void {
  const isUrl = typeof workerModule === "string" && URL.canParse(workerModule);
  if (workerModule !== "" && !isUrl) {
    throw new OptionsError("workerModule", "is not a URL");
  }
  // The number is checked with the settings.
  if (workerModule === "" && Number.isInteger(workers) && workers! > 1) {
    throw new OptionsError(
      "workerModule",
      "is missing: `workers` needs the URL of the module that each thread runs",
    );
  }
}
