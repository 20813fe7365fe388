/**
 * The parts of one edge listener that its requests and connections share.
 *
 * @module
 */

import type { TimeoutName } from "../listener/connection_end.ts";
import type { Service } from "../listener/service.ts";
import type { LeakedSockets } from "../runtime/leaked_sockets.ts";
import type { Deadlines } from "../scheduling/deadlines.ts";
import type { RequestTurns } from "../scheduling/request_turns.ts";
import type { AbortedRequests } from "./aborted_requests.ts";
import type { ReadScheduler } from "./connection/read_scheduler.ts";
import type { ReplaceableServer } from "./replaceable_server.ts";
import type { KeepAlive } from "./keep_alive.ts";
import type { RefusedAddresses } from "./refused_addresses.ts";

/** The shared parts of one edge listener. */
export interface EdgeContext {
  /** The routes, limits and sessions. */
  readonly service: Service;
  /** The runtime's HTTP server. */
  readonly server: ReplaceableServer;
  /** Decides which requests are upgraded at once. */
  readonly abortedRequests: AbortedRequests;
  /** Addresses whose clients were closed because reads starve. */
  readonly refusedAddresses: RefusedAddresses;
  /** Decides which requests wait for their turn. */
  readonly requestTurns: RequestTurns;
  /** PINGs for silent clients. */
  readonly keepAlive: KeepAlive;
  /** Limits how far ahead a client is read. */
  readonly readScheduler: ReadScheduler;
  /** Upgrades whose socket has not opened. */
  readonly openings: Deadlines<{ fail(): void }>;
  /** Sockets whose CLOSE the client has not answered. */
  readonly closings: Deadlines<{ cut(timeout: TimeoutName): void }>;
  /** Sockets that the runtime keeps after their end. */
  readonly leakedSockets: LeakedSockets;
}
