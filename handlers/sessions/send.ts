/**
 * `POST /sessions/{id}/messages` and `POST /sessions/messages`: send from outside
 * of any handler.
 *
 * @module
 */

import { answerRefusals } from "../../lib/http/answer_refusals.ts";
import type { BodyReader } from "../../lib/http/body.ts";
import { readParameter } from "../../lib/http/query.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type { HttpHandler, HttpInfo } from "../../lib/routing/router.ts";
import type {
  OutsideMessage,
  RemoteSessions,
} from "../../lib/sessions/remote_sessions.ts";
import { json } from "./json.ts";
import { messageOf } from "./message.ts";
import { REFUSALS } from "./refusals.ts";

/**
 * Sends the body to one session; 202 when the socket has it.
 *
 * @param calls where the session is
 * @param bodies reads the body
 */
export function sendToSession(
  calls: RemoteSessions,
  bodies: BodyReader,
): HttpHandler {
  return withMessage(bodies, async (message, request, { params }) => {
    const id = params.id!;
    const outcome = await calls.send(id, message);
    return outcome === "sent"
      ? json(202, { id, sent: 1 })
      : httpErrorResponse(request, REFUSALS[outcome]);
  });
}

/**
 * Sends the body to all sessions, or to those of `?route=`; 202 with the number
 * of peers whose sockets have it, and of those that missed it.
 *
 * @param calls where the sessions are
 * @param bodies reads the body
 * @param routes paths of the WebSocket routes; asked for at each request
 */
export function sendToAll(
  calls: RemoteSessions,
  bodies: BodyReader,
  routes: () => readonly string[],
): HttpHandler {
  return withMessage(bodies, async (message, request) => {
    const paths = routes();
    const query = new URL(request.url).searchParams;
    const route = readParameter(query, "route", {
      allowed: `one of ${paths.join(", ")}`,
      parse: (text) => paths.find((path) => path === text),
    });
    return json(202, await calls.sendAll(message, route));
  });
}

function withMessage(
  bodies: BodyReader,
  send: (
    message: OutsideMessage,
    request: Request,
    info: HttpInfo,
  ) => Promise<Response>,
): HttpHandler {
  return answerRefusals(async (request, info) => {
    using body = await bodies.read(request);
    const message = messageOf(request.headers.get("content-type"), body);
    return await send(message, request, info);
  });
}
