/**
 * Ends a connection without the client's help.
 *
 * No documented call does that: after `close()` the runtime waits for the client's
 * CLOSE without a time limit, and reads on, for instance fragments without an end.
 * Closing the resource of the socket cancels the read and ends the TCP connection.
 * It does not cancel a write: where the client does not read, the connection stays
 * until that write is done (see leaked_sockets.ts). Seen in Deno 2.9.6.
 *
 * @module
 */

import { type Internals, symbolOf } from "./internals.ts";

/** The id of the socket's resource. */
const RESOURCE_ID = "[[rid]]";

/** The state of the socket. */
const READY_STATE = "[[readyState]]";

/** The part of the runtime's core that is used here. */
interface Core {
  /** Closes the resource with this id, if there is one. */
  tryClose(rid: number): void;
}

/**
 * Ends a socket's connection without a closing handshake. The runtime fires
 * `close` at once, or not at all.
 *
 * @param socket has opened
 * @returns false if the runtime has no such resource; nothing is done then
 */
export function hardClose(socket: WebSocket): boolean {
  const core = coreOf(Deno);
  const rid = symbolOf(socket, RESOURCE_ID);
  const state = symbolOf(socket, READY_STATE);
  if (core === undefined || rid === undefined || state === undefined) {
    return false;
  }
  const inside = socket as Internals;
  // The runtime panics where an open socket uses a closed resource.
  inside[state] = WebSocket.CLOSED;
  core.tryClose(inside[rid] as number);
  return true;
}

function coreOf(namespace: typeof Deno): Core | undefined {
  const { internal } = namespace as unknown as { internal?: symbol };
  if (internal === undefined) return undefined;
  const internals = (namespace as unknown as Record<symbol, unknown>)[internal];
  const core = (internals as { core?: Partial<Core> } | undefined)?.core;
  return typeof core?.tryClose === "function" ? core as Core : undefined;
}
