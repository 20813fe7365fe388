/**
 * Ends a connection whatever its client does. A documented call does not: after
 * `close()` the runtime waits for the client's CLOSE without a time limit, and
 * reads on, fragments without an end too.
 *
 * Seen in Deno 2.9.6: where the resource behind a socket is closed, its read is
 * cancelled, and the TCP connection ends. A write that waits for a client that
 * does not read is not cancelled: the connection stays until that write is done.
 *
 * @module
 */

import { type Internals, symbolOf } from "./internals.ts";

/** The socket's resource. */
const RESOURCE_ID = "[[rid]]";

/** The socket's state. */
const READY_STATE = "[[readyState]]";

/** What the runtime's core is used for. */
interface Core {
  /** Closes a resource, if there is one with this id. */
  tryClose(rid: number): void;
}

/**
 * Ends a socket's connection without a closing handshake. The runtime fires
 * `close` at once or not at all.
 *
 * @param socket has opened
 * @returns false in a runtime that cannot do that: nothing has happened
 */
export function hardClose(socket: WebSocket): boolean {
  const core = coreOf(Deno);
  const rid = symbolOf(socket, RESOURCE_ID);
  const state = symbolOf(socket, READY_STATE);
  if (core === undefined || rid === undefined || state === undefined) {
    return false;
  }
  const inside = socket as Internals;
  // The runtime panics where the resource of a socket that says it is open is used.
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
