/**
 * The router map: every route of this service.
 *
 * @module
 */

import type { LongAnswers } from "../lib/long_answers.ts";
import type { Routes } from "../lib/router.ts";
import { auth } from "./auth.ts";
import { consoleRoutes } from "./console/console.ts";
import { control } from "./control.ts";
import { echoOnRequest } from "./echo.ts";
import { echoPartial } from "./echo_partial.ts";
import { frames } from "./frames.ts";
import { healthz } from "./healthz.ts";
import { httpEcho } from "./http_echo.ts";
import type { ListenerInfo } from "./listeners.ts";
import { sse } from "./sse.ts";

/** What the routes need to know of the running service. */
export interface RouteContext {
  /** What `/auth` asks for. */
  readonly authToken: string;
  /** Where answers that take their time have their place. */
  readonly longAnswers: LongAnswers;
  /** Bytes that may wait for a peer. */
  readonly sendBufferLimit: number;
  /** Whether the service is shutting down. */
  isDraining(): boolean;
  /** The listeners that run. */
  listeners(): readonly ListenerInfo[];
}

/**
 * Makes the router map.
 *
 * @param context what the routes need to know of the running service
 */
export function routes(context: RouteContext): Routes {
  const http = { "*": httpEcho(context.longAnswers) };
  const map: Routes = {
    "/ws": echoOnRequest(context),
    "/ws_partial": echoPartial,
    "/auth": auth(context.authToken),
    "/control": control,
    "/frames": frames,
    "/http": http,
    "/http/*": http,
    "/sse": { GET: sse(context.longAnswers) },
    "/healthz": { GET: healthz(context.isDraining) },
    ...consoleRoutes(() => map, context.listeners),
  };
  return map;
}
