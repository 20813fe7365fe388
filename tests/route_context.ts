/**
 * The context of the router map, for tests that start no service.
 *
 * @module
 */

import type { RouteContext } from "../handlers/routes.ts";
import { LongRunningRequests } from "../lib/limits/long_running_requests.ts";

/**
 * Makes a context.
 *
 * @param parts that differ from a service without connections and listeners
 */
export function routeContext(parts: Partial<RouteContext> = {}): RouteContext {
  return {
    authToken: "valid",
    sendBufferLimit: 1024,
    metrics: {
      text: () => Promise.resolve(""),
      figures: () => Promise.resolve({ connections: 0, messages: 0 }),
    },
    metricsToken: undefined,
    longRunningRequests: new LongRunningRequests(1),
    isDraining: () => false,
    listeners: () => [],
    ...parts,
  };
}
