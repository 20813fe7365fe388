/**
 * The server of `deno task conformance`: the routes of the cases and of the reports.
 *
 * @module
 */

import { UsageError } from "../../../lib/config/arguments.ts";
import type { ResultStore } from "../../../lib/conformance/result_store.ts";
import type { Patterns } from "../../../lib/conformance/selection.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { serve, type Server } from "../../../lib/mod.ts";
import { conformanceRoutes } from "../conformance.ts";
import { reportRoutes } from "../reports/report_routes.ts";

/** Connections at a time: drivers may run cases side by side. */
const MAX_CONNECTIONS = 1000;

/**
 * Starts the listeners.
 *
 * @param results get the results
 * @param selection the cases
 * @param host to listen on
 * @param port of the frame listener; 0: a free one
 * @throws {UsageError} the address or the port cannot be used
 */
export async function listen(
  results: ResultStore,
  selection: Patterns,
  host: string,
  port: number,
): Promise<Server> {
  try {
    return await serve({
      host,
      port: 0,
      framePort: port,
      maxConnections: MAX_CONNECTIONS,
      // All clients are on one machine, and a fast one makes thousands of handshakes a second.
      maxConnectionsPerIp: false,
      handshakeRate: false,
      routes: ({ listeners }) => ({
        ...conformanceRoutes({ results, selection, listeners }),
        ...reportRoutes(results, new LongRunningRequests(MAX_CONNECTIONS)),
      }),
    });
  } catch (error) {
    throw new UsageError(`--host, --port: ${(error as Error).message}`);
  }
}
