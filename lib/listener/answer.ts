/**
 * Answers of HTTP handlers, and of requests whose handling fails.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import { RefusedError } from "../protocol/http_error.ts";
import { isUpgraded } from "../runtime/upgrade/own_upgrade.ts";
import { SERVER_ERROR } from "./admission.ts";
import {
  type Refusable,
  refusalResponse,
  type Refusing,
  thrownRefusal,
} from "./refusal.ts";
import { sendable } from "./sendable.ts";

/**
 * Runs an HTTP handler. A `RefusedError` is answered with its response and
 * logged as a refusal. Any other error, or a response that cannot be sent, is logged, and
 * the answer is 500.
 *
 * @param service its error handlers
 * @param handle calls the handler
 * @param request the handler's request
 * @param path the route's path in the router map
 */
export async function answer(
  service: Refusing,
  handle: () => Response | Promise<Response>,
  request: Refusable,
  path: string,
): Promise<Response> {
  try {
    const response: unknown = await handle();
    return isOwnUpgrade(response, request) ? response : sendable(response);
  } catch (error) {
    const refusal = thrownRefusal(service, request, error);
    if (refusal !== undefined) return refusal;
    getLogger("httpd").error(
      ...line`HTTP handler of ${{ "http.route": path }} failed:`,
      error,
    );
    return refusalResponse(service, request, SERVER_ERROR);
  }
}

/** Whether a handler of the edge listener has called `Deno.upgradeWebSocket` itself. */
function isOwnUpgrade(
  response: unknown,
  { listener, request }: Refusable,
): response is Response {
  if (listener !== "edge" || !(response instanceof Response)) return false;
  if (response.status !== 101) return false;
  return response.headers.has("sec-websocket-accept") && isUpgraded(request);
}

/**
 * Logs an error of the listener itself.
 *
 * @param error any thrown value
 * @returns a 500 in plain text
 */
export function failureResponse(error: unknown): Response {
  // A response breaks off where its memory is reclaimed.
  if (!(error instanceof RefusedError)) {
    getLogger("httpd").error("Request failed:", error);
  }
  return new Response(`${SERVER_ERROR.message}\n`, {
    status: SERVER_ERROR.status,
  });
}
