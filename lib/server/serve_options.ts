/**
 * The options of {@linkcode serve}.
 *
 * @module
 */

import type { SettingOptions } from "../config/options.ts";
import { OptionsError } from "../config/options_error.ts";
import type { Routes } from "../routing/router.ts";
import type { Connection } from "../websocket.ts";
import type { RouteContext } from "./assemble.ts";

/** Makes the router map from the parts of the server. */
export type RoutesOf = (context: RouteContext) => Routes | Promise<Routes>;

/** Called for connections of any route. */
export interface ConnectionHooks {
  /**
   * Called for each connection before its handler's `open`. An error is logged.
   *
   * @param connection the new connection
   */
  readonly onConnection?: ((connection: Connection) => void) | undefined;
  /**
   * Called once for each connection that has ended. An error is logged.
   *
   * @param connection the connection
   * @param code the close code; 1005 for none, 1006 for an end without CLOSE
   */
  readonly onDisconnection?:
    | ((connection: Connection, code: number) => void)
    | undefined;
}

/** Options of {@linkcode serve}: the settings, the routes and the hooks. */
export interface ServeOptions extends SettingOptions, ConnectionHooks {
  /** The router map, or a function that makes it from the parts of the server. */
  readonly routes: Routes | RoutesOf;
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
export interface ServerParts extends ConnectionHooks {
  /** Makes the router map. */
  readonly routesOf: RoutesOf;
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
  const {
    routes,
    workerModule = "",
    onWorkerFailure = () => {},
    onConnection,
    onDisconnection,
    ...settings
  } = options;
  if (typeof routes !== "function" && (typeof routes !== "object" || !routes)) {
    throw new OptionsError("routes", "is missing: paths and their handlers");
  }
  for (
    const [name, hook] of Object.entries({
      onWorkerFailure,
      onConnection,
      onDisconnection,
    })
  ) {
    if (hook !== undefined && typeof hook !== "function") {
      throw new OptionsError(name, "is not a function");
    }
  }
  if (workerModule !== "" && !URL.canParse(workerModule)) {
    throw new OptionsError("workerModule", "is not a URL");
  }
  if (workerModule === "" && (settings.workers ?? 1) > 1) {
    throw new OptionsError(
      "workerModule",
      "is missing: `workers` needs the URL of the module that each thread runs",
    );
  }
  const routesOf = typeof routes === "function" ? routes : () => routes;
  return {
    settings,
    parts: {
      routesOf,
      workerModule,
      onWorkerFailure,
      onConnection,
      onDisconnection,
    },
  };
}
