/**
 * `POST /sessions/{id}/messages` and `POST /sessions/messages`: send a message.
 *
 * @module
 */

import type { BodyReader } from "../../lib/http/body.ts";
import { line } from "../../lib/log/fields.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { HttpHandler, HttpInfo } from "../../lib/routing/router.ts";
import type {
  RemoteSessions,
  SessionMessage,
} from "../../lib/sessions/remote_sessions.ts";
import { isPath } from "../../lib/sessions/session_target.ts";
import type { AdminLog } from "./admin_log.ts";
import { jsonResponse } from "./json_response.ts";
import { messageOf } from "./message.ts";
import { REFUSALS } from "./refusals.ts";

/**
 * Makes a handler that sends the body to one session. It answers 202 when the message
 * is handed to the socket.
 *
 * @param sessions of all instances
 * @param bodies reads the request's body
 * @param log logs the call
 */
export function sendToSession(
  sessions: RemoteSessions,
  bodies: BodyReader,
  log: AdminLog,
): HttpHandler {
  return withMessage(bodies, [], async (message, request, info) => {
    const id = info.params.id!;
    const outcome = await sessions.send(id, message);
    log(
      request,
      info,
      line`Admin: message to sock ${{ "session.id": id }}: ${{ outcome }}`,
      { "websocket.frame.length": message.length },
    );
    if (outcome !== "sent") throw new RefusedError(REFUSALS[outcome]);
    return jsonResponse(202, { id, sent: 1 });
  });
}

/**
 * Makes a handler that sends the body to all sessions, or to those of `?route=` and
 * `?path=`. It answers 202 with the number of sessions that were `sent` the message or
 * `missed` it.
 *
 * @param sessions of all instances
 * @param bodies reads the request's body
 * @param webSocketPaths returns the values that `?route=` allows
 * @param log logs the call
 */
export function sendToAll(
  sessions: RemoteSessions,
  bodies: BodyReader,
  webSocketPaths: () => readonly string[],
  log: AdminLog,
): HttpHandler {
  return withMessage(
    bodies,
    ["route", "path"],
    async (message, request, info) => {
      const paths = webSocketPaths();
      const query = new URL(request.url).searchParams;
      const route = readParameter(query, "route", {
        allowed: `one of ${paths.join(", ")}`,
        parse: (text) => paths.find((path) => path === text),
      });
      const path = readParameter(query, "path", {
        allowed: "a path without a query, such as /ws",
        parse: (text) => isPath(text) ? text : undefined,
      });
      const counts = await sessions.sendAll(message, { route, path });
      log(
        request,
        info,
        line`Admin: message to ${{ "sessions.sent": counts.sent }} sessions, ${{
          "sessions.missed": counts.missed,
        }} missed it`,
        {
          "http.route": route,
          "url.path": path,
          "websocket.frame.length": message.length,
        },
      );
      return jsonResponse(202, counts);
    },
  );
}

function withMessage(
  bodies: BodyReader,
  parameters: readonly string[],
  send: (
    message: SessionMessage,
    request: Request,
    info: HttpInfo,
  ) => Promise<Response>,
): HttpHandler {
  return async (request, info) => {
    checkNames(new URL(request.url).searchParams, parameters);
    using body = await bodies.read(request);
    const message = messageOf(request.headers.get("content-type"), body);
    return await send(message, request, info);
  };
}
