/**
 * The log line of an admin call.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { clientFields } from "../../lib/listener/connection_log.ts";
import {
  details,
  type FieldValues,
  type LogFields,
} from "../../lib/log/fields.ts";
import type { HttpInfo } from "../../lib/routing/router.ts";

/**
 * Logs what an admin call did.
 *
 * @param request the call
 * @param info the caller
 * @param line the message and its fields
 * @param more further fields
 */
export type AdminLog = (
  request: Request,
  info: HttpInfo,
  line: readonly [message: string, fields: LogFields],
  more?: FieldValues,
) => void;

/**
 * Makes the log of the admin API.
 *
 * @param trustProxy proxies that every request passes
 */
export function adminLog(trustProxy: number): AdminLog {
  return ({ headers }, { remoteAddr }, line, more = {}) => {
    const client = clientFields({ trustProxy }, { remoteAddr, headers });
    getLogger("ws_echo_server").info(...line, details({ ...more, ...client }));
  };
}
