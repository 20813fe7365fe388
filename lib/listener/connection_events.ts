/**
 * The begin and the end of every connection: the sessions, the observer and the
 * service's callbacks.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import type { CloseEventInfo, Connection } from "../websocket.ts";
import { type ConnectionEnd, logEnd } from "./connection_end.ts";
import type { Service } from "./service.ts";

/**
 * Reports a connection that has opened, before its handler's `open` is called.
 *
 * @param service has a slot for the connection
 * @param connection becomes a session
 */
export function connectionOpened(
  service: Service,
  connection: Connection,
): void {
  service.sessions.add(connection);
  service.observer.opened(connection);
  if (service.onConnection === undefined) return;
  call("onConnection", () => service.onConnection?.(connection));
}

/**
 * Reports a connection that has ended, after its handler's `close` was called.
 *
 * @param service had the connection
 * @param connection is no session from now on
 * @param event its end, for the program
 * @param end its end, for the log
 */
export function connectionClosed(
  service: Service,
  connection: Connection,
  event: CloseEventInfo,
  end: ConnectionEnd,
): void {
  service.sessions.remove(connection);
  service.observer.closed(connection, event.code);
  logEnd(connection, event, end);
  if (service.onDisconnection === undefined) return;
  call("onDisconnection", () => service.onDisconnection?.(connection, event));
}

/** An error or a rejection is logged, and has no other effect. */
function call(name: string, callback: () => void | Promise<void>): void {
  const fail = (error: unknown) =>
    getLogger("httpd_ws").error(
      ...line`${{ "code.function.name": name }} failed:`,
      error,
    );
  try {
    const result = callback();
    if (result !== undefined) Promise.resolve(result).catch(fail);
  } catch (error) {
    fail(error);
  }
}
