/**
 * How a connection is ended that was asked to end.
 *
 * @module
 */

import type { Connection } from "../../lib/websocket.ts";
import type { Behaviour } from "./parameters.ts";

/**
 * Messages after which the connection ends: all of them where only time ends it,
 * or nothing does.
 *
 * @param behaviour what was asked for
 */
export function messagesUntilEnd(behaviour: Behaviour): number {
  const { close, abort, after, in: time } = behaviour;
  if (close === undefined && abort === undefined) return Infinity;
  return after ?? (time === undefined ? 0 : Infinity);
}

/**
 * Ends a connection with a CLOSE, without one, or with one whose answer is not
 * waited for.
 *
 * @param connection the one
 * @param behaviour what was asked for
 */
export function end(connection: Connection, behaviour: Behaviour): void {
  const { close, reason, abort } = behaviour;
  if (close !== undefined) connection.close(close, reason);
  if (abort) connection.abort();
}
