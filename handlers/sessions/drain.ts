/**
 * `POST /drain`: refuses handshakes from now on, and closes the clients of this process.
 *
 * @module
 */

import { durationOrOff, type Kind } from "../../lib/config/kinds.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import { line } from "../../lib/log/fields.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import {
  type Drain,
  DRAIN_CODES,
  type DrainOptions,
} from "../../lib/server/drain.ts";
import type { AdminLog } from "./admin_log.ts";
import { jsonResponse } from "./json_response.ts";

const CODE: Kind<DrainOptions["code"]> = {
  allowed: DRAIN_CODES.join(" or "),
  parse: (text) => DRAIN_CODES.find((code) => String(code) === text),
};

/** Service restart: clients should connect again. */
const DEFAULT_CODE = 1012;

/**
 * Makes a handler that starts a drain over `?time=` seconds (default DRAIN_TIME) with
 * `?code=` (default 1012). It answers 202 with the options of the drain, also where one
 * runs already.
 *
 * @param drain the drain of this process
 * @param drainTime DRAIN_TIME in milliseconds
 * @param log logs the call
 */
export function drainHandler(
  drain: Pick<Drain, "start" | "options">,
  drainTime: number,
  log: AdminLog,
): HttpHandler {
  return (request, info) => {
    const query = new URL(request.url).searchParams;
    checkNames(query, ["time", "code"]);
    const time = readParameter(query, "time", durationOrOff) ?? drainTime;
    const code = readParameter(query, "code", CODE) ?? DEFAULT_CODE;
    void drain.start({ time, code });
    const started = drain.options!;
    log(
      request,
      info,
      line`Admin: drain over ${{ duration: started.time / 1000 }} s with ${{
        "websocket.close.code": started.code,
      }}`,
    );
    return jsonResponse(202, { time: started.time / 1000, code: started.code });
  };
}
