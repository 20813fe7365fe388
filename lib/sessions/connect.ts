/**
 * Connects the sessions of this instance with those of the other instances.
 *
 * @module
 */

import { Bus } from "../cluster/bus/bus.ts";
import type { OpenChannel } from "../cluster/bus/channel.ts";
import type { Sessions } from "./sessions.ts";
import type { Stoppable } from "../stoppable.ts";
import type { RemoteSessions } from "./remote_sessions.ts";
import { CheckedSessions } from "./checked_sessions.ts";
import { LocalSessions } from "./local_sessions.ts";
import { handleRequest } from "./requests.ts";
import { ClusterSessions } from "./cluster_sessions.ts";

/** The result of {@linkcode connectSessions}. */
export interface Connected {
  /** Reaches every session. */
  readonly remoteSessions: RemoteSessions;
  /** Parts that a shutdown has to stop. */
  readonly listeners: readonly Stoppable[];
}

/**
 * Connects the sessions of an instance.
 *
 * @param sessions the sessions of this instance
 * @param sendBufferLimit bytes that may wait in the send buffer of one session
 * @param open opens the channel to the other instances; `undefined`: there are none
 */
export function connectSessions(
  sessions: Sessions,
  sendBufferLimit: number,
  open: OpenChannel | undefined,
): Connected {
  const local = new LocalSessions(sessions, sendBufferLimit);
  if (open === undefined) {
    return { remoteSessions: new CheckedSessions(local), listeners: [] };
  }
  const bus = new Bus(
    sessions.instance,
    open,
    (request, body) => handleRequest(local, request, body),
  );
  const all = new ClusterSessions(local, bus);
  return { remoteSessions: new CheckedSessions(all), listeners: [bus] };
}
