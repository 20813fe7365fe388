/**
 * Answers of HTTP handlers, and of requests whose handling fails.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { SERVER_ERROR } from "./admission.ts";
import {
  type ErrorHandlers,
  type Refusable,
  refusalResponse,
} from "./refusal.ts";

/**
 * Runs an HTTP handler. An error is logged, and the answer is 500.
 *
 * @param errors the service's error handlers
 * @param handle calls the handler
 * @param request the handler's request
 */
export async function answer(
  errors: ErrorHandlers | undefined,
  handle: () => Response | Promise<Response>,
  request: Refusable,
): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    getLogger("httpd").error("HTTP handler failed:", error);
    return refusalResponse(errors, request, SERVER_ERROR);
  }
}

/**
 * Logs an error of the listener itself.
 *
 * @param error any thrown value
 * @returns a 500 in plain text
 */
export function failureResponse(error: unknown): Response {
  getLogger("httpd").error("Request failed:", error);
  return new Response(`${SERVER_ERROR.message}\n`, {
    status: SERVER_ERROR.status,
  });
}
