/**
 * The handlers of the admin API; each requires ADMIN_TOKEN.
 *
 * @module
 */

import { BodyReader } from "../../lib/http/body.ts";
import { checkNames } from "../../lib/http/query.ts";
import { line } from "../../lib/log/fields.ts";
import { TokenGuard } from "../../lib/http/token_guard.ts";
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import type { Drain } from "../../lib/server/drain.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import { guarded } from "../http/guarded.ts";
import { type AdminLog, adminLog } from "./admin_log.ts";
import { closeSession } from "./close.ts";
import { drainHandler } from "./drain.ts";
import { jsonResponse } from "./json_response.ts";
import { sendToAll, sendToSession } from "./send.ts";

/** Milliseconds until a body must be complete. */
const BODY_TIMEOUT = 30_000;

/** Maximum number of bodies of MAX_PAYLOAD bytes in memory. */
const BODIES = 4;

/** Parameters of the admin API. */
export interface AdminContext {
  /** ADMIN_TOKEN. */
  readonly token: string;
  /** Limits wrong tokens. */
  readonly tokenFailures?: TokenFailures | undefined;
  /** The sessions of all instances. */
  readonly sessions: RemoteSessions;
  /** Maximum size of a message in bytes. */
  readonly maxPayload: number;
  /** The drain of this process. */
  readonly drain: Pick<Drain, "start" | "options">;
  /** DRAIN_TIME in milliseconds. */
  readonly drainTime: number;
  /** Proxies that every request passes, for the clients' addresses in the log. */
  readonly trustProxy: number;
  /** Aborted at a shutdown; pending bodies then get 503. */
  readonly stopping: AbortSignal;
  /** Returns the paths of the WebSocket routes. */
  webSocketPaths(): readonly string[];
}

/** The handlers of the admin API. */
export interface AdminHandlers {
  /** Lists the sessions. */
  readonly list: HttpHandler;
  /** Sends a message to one session. */
  readonly send: HttpHandler;
  /** Sends a message to all sessions, or to those of one route. */
  readonly sendToAll: HttpHandler;
  /** Closes a session. */
  readonly close: HttpHandler;
  /** Closes all sessions of this process over a time. */
  readonly drain: HttpHandler;
}

/**
 * Makes the handlers of the admin API.
 *
 * @param context token, sessions and limits
 */
export function adminHandlers(context: AdminContext): AdminHandlers {
  const { sessions, maxPayload } = context;
  const log = adminLog(context.trustProxy);
  const guard = new TokenGuard({
    name: "ADMIN_TOKEN",
    token: context.token,
    realm: "ws-echo-server administration",
    message: "The admin API needs ADMIN_TOKEN as Authorization: Bearer ….",
    failures: context.tokenFailures,
  });
  const bodies = new BodyReader({
    size: maxPayload,
    total: BODIES * maxPayload,
    timeout: BODY_TIMEOUT,
    stopping: context.stopping,
  });
  return {
    list: guarded(guard, listSessions(sessions, log)),
    send: guarded(guard, sendToSession(sessions, bodies, log)),
    sendToAll: guarded(
      guard,
      sendToAll(sessions, bodies, context.webSocketPaths, log),
    ),
    close: guarded(guard, closeSession(sessions, log)),
    drain: guarded(guard, drainHandler(context.drain, context.drainTime, log)),
  };
}

function listSessions(sessions: RemoteSessions, log: AdminLog): HttpHandler {
  return async (request, info) => {
    checkNames(new URL(request.url).searchParams, []);
    const list = await sessions.list();
    log(
      request,
      info,
      line`Admin: list of ${{ "connections": list.sessions.length }} sessions`,
    );
    return jsonResponse(200, list);
  };
}
