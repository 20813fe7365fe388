/**
 * The end of a connection in the log: which side closed it, and which setting's time was
 * over.
 *
 * @module
 */

import { getLogger, LogLevels } from "../std/log.ts";
import { details, line } from "../log/fields.ts";
import type { CloseEventInfo, Connection } from "../websocket.ts";

/** A setting whose time ends a connection. */
export type TimeoutName =
  | "IDLE_TIMEOUT"
  | "SEND_TIMEOUT"
  | "CLOSE_TIMEOUT"
  | "SHUTDOWN_TIMEOUT";

/**
 * How a connection ended. The side that sends the first CLOSE closes it or, if there is
 * no CLOSE, the side that ends the TCP connection.
 */
export interface ConnectionEnd {
  /** The side that closed the connection. */
  readonly by: "client" | "server";
  /** The code of the server's CLOSE, if the server closed with one. */
  readonly code?: number | undefined;
  /** Its reason. */
  readonly reason?: string | undefined;
  /** The settings whose time was over, the first one first. */
  readonly timeouts?: readonly TimeoutName[];
}

/** The end of a connection that the server has not closed. */
export const BY_CLIENT: ConnectionEnd = Object.freeze({ by: "client" });

/**
 * Returns the end of a connection that the server closes, unless it has ended otherwise.
 *
 * @param end the end that is known already
 * @param code code of the server's CLOSE; `undefined`: it has none, or there is none
 * @param reason its reason
 */
export function closedByServer(
  end: ConnectionEnd | undefined,
  code?: number,
  reason?: string,
): ConnectionEnd {
  return end ?? { by: "server", code, reason: reason || undefined };
}

/**
 * Returns the end of a connection with a setting whose time is over.
 *
 * @param end the end that is known already
 * @param timeout the setting; `undefined`: none
 */
export function timedOut(
  end: ConnectionEnd | undefined,
  timeout: TimeoutName | undefined,
): ConnectionEnd {
  const known = closedByServer(end);
  const { timeouts = [] } = known;
  return timeout === undefined || timeouts.includes(timeout)
    ? known
    : { ...known, timeouts: [...timeouts, timeout] };
}

/**
 * Logs the line of a connection that has ended.
 *
 * @param connection the connection
 * @param event code and reason of the client
 * @param end the side that closed it, and the reason
 */
export function logEnd(
  connection: Connection,
  { code, reason }: CloseEventInfo,
  end: ConnectionEnd,
): void {
  const log = getLogger("httpd_ws");
  if (log.level > LogLevels.INFO) return;
  const { id, openedAt, traffic } = connection;
  log.info(
    ...line`Connection of sock ${{ "session.id": id }} closed with ${{
      "websocket.close.code": code,
    }}`,
    details({
      "websocket.close.reason": reason || undefined,
      "websocket.close.by": end.by,
      "websocket.close.sent_code": end.code,
      "websocket.close.sent_reason": end.reason,
      "websocket.close.timeout": end.timeouts?.join(),
      "websocket.connection.duration": secondsSince(openedAt),
      "websocket.received.messages": traffic.messagesReceived,
      "websocket.received.bytes": traffic.bytesReceived,
      "websocket.sent.messages": traffic.messagesSent,
      "websocket.sent.bytes": traffic.bytesSent,
    }),
  );
}

function secondsSince(time: number): number {
  return Math.max(0, Date.now() - time) / 1000;
}
