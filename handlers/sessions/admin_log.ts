/**
 * The log line of an admin call.
 *
 * @module
 */

import { getLogger } from "@std/log";
import {
  details,
  type FieldValues,
  type LogFields,
} from "../../lib/log/fields.ts";
import type { HttpInfo } from "../../lib/routing/router.ts";

/**
 * Logs what an admin call did.
 *
 * @param info the caller
 * @param line the message and its fields
 * @param more further fields
 */
export function logAdminCall(
  { remoteAddr }: Pick<HttpInfo, "remoteAddr">,
  line: readonly [message: string, fields: LogFields],
  more: FieldValues = {},
): void {
  const peer = "hostname" in remoteAddr ? remoteAddr : undefined;
  getLogger("ws_echo_server").info(
    ...line,
    details({
      ...more,
      "client.address": peer?.hostname,
      "client.port": peer?.port,
    }),
  );
}
