/**
 * Records handshakes that the listener itself refuses, such as one without a valid key.
 *
 * @module
 */

import { asksForWebSocket } from "../../lib/protocol/handshake.ts";
import {
  httpErrorResponse,
  RefusedError,
} from "../../lib/protocol/http_error.ts";
import type { ErrorHandler, ErrorHandlers } from "../../lib/mod.ts";
import type { HttpInfo } from "../../lib/routing/router.ts";
import { hasParameter, nameIn } from "./journaled.ts";
import type { Journals } from "./journals.ts";
import { headOfRequest, headOfResponse } from "./record/head.ts";

/**
 * Statuses of a refused handshake (RFC 6455 §4.2). Those of limits, 429 and 503, are left
 * out: a flood of such requests has to stay cheap.
 */
const STATUSES = [400, 403, 426, 505] as const;

/**
 * Makes error handlers that record refused handshakes with `?journal=`. The responses are
 * those of the listener. The listener hides the order and case of the fields, and a
 * request whose head is malformed.
 *
 * @param journals gets the records
 */
export function recordRefusals(journals: Journals): ErrorHandlers {
  const handler: ErrorHandler = (request, error, info) => {
    const response = httpErrorResponse(request, error);
    if (hasParameter(request) && asksForWebSocket(request.headers)) {
      record(journals, request, info, response);
    }
    return response;
  };
  return Object.fromEntries(STATUSES.map((status) => [status, handler]));
}

function record(
  journals: Journals,
  request: Request,
  info: HttpInfo,
  { status, headers }: Response,
): void {
  try {
    const record = journals.begin(nameIn(request), info);
    record.requested(headOfRequest(request));
    record.responded(headOfResponse(status, headers));
    record.end("closed", "server");
  } catch (error) {
    // The name is invalid, or the store is full; the client gets its answer without a record.
    if (!(error instanceof RefusedError)) throw error;
  }
}
