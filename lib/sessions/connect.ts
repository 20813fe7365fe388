/**
 * Joins the sessions of this instance with those of the others, if there are any.
 *
 * @module
 */

import { Bus } from "../cluster/bus/bus.ts";
import type { OpenChannel } from "../cluster/bus/channel.ts";
import type { Sessions } from "./sessions.ts";
import type { Stoppable } from "../stoppable.ts";
import type { RemoteSessions } from "./remote_sessions.ts";
import { LocalCalls } from "./local_sessions.ts";
import { answerQuestion } from "./requests.ts";
import { SharedCalls } from "./cluster_sessions.ts";

/** The sessions as they can be reached from this instance. */
export interface Connected {
  /** Calls to them. */
  readonly calls: RemoteSessions;
  /** What a shutdown has to end. */
  readonly listeners: readonly Stoppable[];
}

/**
 * Connects an instance.
 *
 * @param sessions its own
 * @param sendBufferLimit bytes that may wait for one of them
 * @param open opens the channel to the others; `undefined`: there are none
 */
export function connectSessions(
  sessions: Sessions,
  sendBufferLimit: number,
  open: OpenChannel | undefined,
): Connected {
  const local = new LocalCalls(sessions, sendBufferLimit);
  if (open === undefined) return { calls: local, listeners: [] };
  const bus = new Bus(
    sessions.instance,
    open,
    (question, body) => answerQuestion(local, question, body),
  );
  return { calls: new SharedCalls(local, bus), listeners: [bus] };
}
