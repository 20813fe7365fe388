/**
 * The operator's routes to the sessions.
 *
 * @module
 */

import { BodyReader } from "../../lib/http/body.ts";
import type { Routes } from "../../lib/routing/router.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import type { Door } from "./admin_guard.ts";
import { closeSession } from "./close.ts";
import { listSessions } from "./list.ts";
import { sendToAll, sendToSession } from "./send.ts";

/** Milliseconds until a body has to be complete. */
const BODY_TIMEOUT = 30_000;

/** Bodies of the greatest size that are held at a time. */
const BODIES = 4;

/** What the routes need. */
export interface SessionRoutesContext {
  /** Lets the operator in, and nobody else. */
  readonly guard: Door;
  /** Where the sessions are. */
  readonly calls: RemoteSessions;
  /** Bytes of a message. */
  readonly maxPayload: number;
  /** Aborted when nobody can be waited for any more. */
  readonly stopping: AbortSignal;
  /** Paths of the WebSocket routes. */
  webSocketPaths(): readonly string[];
}

/**
 * Makes the routes.
 *
 * @param context what they need
 */
export function sessionRoutes(context: SessionRoutesContext): Routes {
  const { guard, calls, maxPayload } = context;
  const bodies = new BodyReader({
    size: maxPayload,
    total: BODIES * maxPayload,
    timeout: BODY_TIMEOUT,
    stopping: context.stopping,
  });
  return {
    "/sessions": { GET: guard(listSessions(calls)) },
    "/sessions/messages": {
      POST: guard(sendToAll(calls, bodies, context.webSocketPaths)),
    },
    "/sessions/:id": { DELETE: guard(closeSession(calls)) },
    "/sessions/:id/messages": { POST: guard(sendToSession(calls, bodies)) },
  };
}
