/**
 * The hooks `onConnection` and `onDisconnection` as an observer.
 *
 * @module
 */

import type { Observer } from "../observer.ts";
import { getLogger } from "../std/log.ts";
import type { ConnectionHooks } from "./serve_options.ts";

/**
 * Adds the hooks to an observer.
 *
 * @param observer gets every event first
 * @param hooks called for connections
 * @returns the same observer if there is no hook
 */
export function withHooks(
  observer: Observer,
  { onConnection, onDisconnection }: ConnectionHooks,
): Observer {
  if (onConnection === undefined && onDisconnection === undefined) {
    return observer;
  }
  return {
    answered: (answer) => observer.answered(answer),
    opened(connection) {
      observer.opened(connection);
      attempt("onConnection", () => onConnection?.(connection));
    },
    closed(connection, code) {
      observer.closed(connection, code);
      attempt("onDisconnection", () => onDisconnection?.(connection, code));
    },
    echoed: (connection, seconds) => observer.echoed(connection, seconds),
    cutOff: (connection) => observer.cutOff(connection),
    limited: (limit, listener) => observer.limited(limit, listener),
  };
}

function attempt(name: string, hook: () => void): void {
  try {
    hook();
  } catch (error) {
    getLogger("httpd").error(`${name}() failed:`, error);
  }
}
