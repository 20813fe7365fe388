/**
 * `/auth`: an echo that needs a token.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { TokenGuard } from "../lib/http/token_guard.ts";
import type { TokenFailures } from "../lib/limits/token_failures.ts";
import { details } from "../lib/log/fields.ts";
import { debugEnabled } from "../lib/log/log.ts";
import { httpErrorResponse } from "../lib/protocol/http_error.ts";
import type {
  Connection,
  Frame,
  HandshakeInfo,
  WebSocketHandler,
} from "../lib/websocket.ts";
import { logPacket } from "./echo/packet_log.ts";

const WELCOME = "Welcome to the WebSocket Echo Server (post-handshake)!";

/** A client that guesses tokens cannot fill the log. */
const FOLDED = details({}, { folds: true });

/**
 * Makes the handler of `/auth`. It refuses a handshake with 401 unless the token is in
 * `?token=` or `Authorization: Bearer`, sends a welcome message, and echoes.
 *
 * @param token AUTH_TOKEN
 * @param failures limits wrong tokens
 */
export function auth(
  token: string,
  failures?: TokenFailures,
): WebSocketHandler {
  const guard = new TokenGuard({
    name: "AUTH_TOKEN",
    token,
    realm: "ws-echo-server",
    message:
      "This path needs a token: connect with ?token=… or Authorization: Bearer ….",
    inQuery: true,
    failures,
  });
  return {
    handshake(request: Request, info: HandshakeInfo): void | Response {
      const log = getLogger("ws_echo_server");
      log.info("=== ws_pre_handshake_cb called ===", FOLDED);
      const error = guard.refusal(request, info);
      if (error === undefined) {
        log.info("Valid token found, accepting handshake");
        return;
      }
      log.warn("No valid token found, rejecting handshake");
      return httpErrorResponse(request, error);
    },

    open(connection: Connection): void {
      connection.send(WELCOME);
    },

    frame(connection: Connection, frame: Frame): void {
      if (debugEnabled) logPacket(connection, frame);
      connection.send(frame);
    },
  };
}
