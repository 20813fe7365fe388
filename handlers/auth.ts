/**
 * `/auth`: a token before the handshake, a welcome after it.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { bearerToken } from "../lib/bearer.ts";
import { debugEnabled } from "../lib/log.ts";
import { httpErrorResponse } from "../lib/http_error.ts";
import { secretMatcher } from "../lib/secret.ts";
import type { Connection, Frame, WebSocketHandler } from "../lib/websocket.ts";
import { logPacket } from "./packet_log.ts";

const WELCOME = "Welcome to the WebSocket Echo Server (post-handshake)!";

/**
 * Refuses with 401 unless the token is right, in `?token=` or as
 * `Authorization: Bearer`; then greets, and echoes.
 *
 * @param token the right one
 */
export function auth(token: string): WebSocketHandler {
  const isToken = secretMatcher(token);
  return {
    handshake(request: Request): void | Response {
      const log = getLogger("ws_echo_server");
      log.info("=== ws_pre_handshake_cb called ===");
      if (offeredTokens(request).some(isToken)) {
        log.info("Valid token found, accepting handshake");
        return;
      }
      log.warn("No valid token found, rejecting handshake");
      return httpErrorResponse(request, {
        status: 401,
        message:
          "This path needs a token: connect with ?token=… or Authorization: Bearer ….",
        headers: { "www-authenticate": 'Bearer realm="ws-echo-server"' },
      });
    },

    open(connection: Connection): void {
      connection.send(WELCOME);
    },

    frame(connection: Connection, frame: Frame): void {
      if (debugEnabled) logPacket(frame);
      connection.send(frame);
    },
  };
}

function offeredTokens(request: Request): string[] {
  const tokens = new URL(request.url).searchParams.getAll("token");
  const bearer = bearerToken(request.headers);
  if (bearer !== undefined) tokens.push(bearer);
  return tokens;
}
