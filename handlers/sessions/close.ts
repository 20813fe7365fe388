/**
 * `DELETE /sessions/{id}`: closes a session.
 *
 * @module
 */

import type { Kind } from "../../lib/config/kinds.ts";
import { line } from "../../lib/log/fields.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import {
  CLOSE_CODE,
  isCloseCodeAllowed,
  MAX_REASON_BYTES,
} from "../../lib/protocol/close_code.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import type { AdminLog } from "./admin_log.ts";
import { jsonResponse } from "./json_response.ts";
import { REFUSALS } from "./refusals.ts";

const encoder = new TextEncoder();

const CODE: Kind<number> = {
  allowed:
    "a close code that may be sent (1000 to 1003, 1007 to 1014, 3000 to 4999)",
  parse(text) {
    const code = /^\d{4}$/.test(text) ? Number(text) : NaN;
    return isCloseCodeAllowed(code) ? code : undefined;
  },
};

const REASON: Kind<string> = {
  allowed: `a text of at most ${MAX_REASON_BYTES} bytes`,
  parse: (text) =>
    encoder.encode(text).length <= MAX_REASON_BYTES ? text : undefined,
};

/**
 * Makes a handler that starts the closing handshake with `?code=` (default 1000) and
 * `?reason=`. It answers 202 when the CLOSE is handed to the socket.
 *
 * @param sessions of all instances
 * @param log logs the call
 */
export function closeSession(
  sessions: RemoteSessions,
  log: AdminLog,
): HttpHandler {
  return async (request, info) => {
    const query = new URL(request.url).searchParams;
    checkNames(query, ["code", "reason"]);
    const code = readParameter(query, "code", CODE) ?? CLOSE_CODE.normal;
    const reason = readParameter(query, "reason", REASON) ?? "";
    const id = info.params.id!;
    const outcome = await sessions.close(id, code, reason);
    log(
      request,
      info,
      line`Admin: close of sock ${{ "session.id": id }} with ${{
        "websocket.close.code": code,
      }}: ${{ outcome }}`,
      { "websocket.close.reason": reason || undefined },
    );
    if (outcome !== "closing") throw new RefusedError(REFUSALS[outcome]);
    return jsonResponse(202, { id, code, reason });
  };
}
