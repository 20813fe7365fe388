/**
 * `GET /sessions`: lists the sessions.
 *
 * @module
 */

import type { HttpHandler } from "../../lib/routing/router.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import { jsonResponse } from "./json_response.ts";

/**
 * Makes a handler that answers with the sessions of all instances.
 *
 * @param sessions of all instances
 */
export function listSessions(sessions: RemoteSessions): HttpHandler {
  return async () => jsonResponse(200, await sessions.list());
}
