/**
 * `GET /sessions`: who is connected.
 *
 * @module
 */

import type { HttpHandler } from "../../lib/routing/router.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import { json } from "./json_response.ts";

/**
 * Answers with every session of every instance.
 *
 * @param calls where the sessions are
 */
export function listSessions(calls: RemoteSessions): HttpHandler {
  return async () => json(200, await calls.list());
}
