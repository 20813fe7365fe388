/**
 * Answers of HTTP handlers, and of requests whose handling fails.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { type Fields, httpErrorResponse } from "../protocol/http_error.ts";
import { SERVER_ERROR } from "./admission.ts";

/**
 * Runs an HTTP handler. An error is logged, and the answer is 500.
 *
 * @param handle calls the handler
 * @param request its `Accept` field decides the form of the 500
 */
export async function answer(
  handle: () => Response | Promise<Response>,
  request: { readonly headers: Fields },
): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    getLogger("httpd").error("HTTP handler failed:", error);
    return httpErrorResponse(request, SERVER_ERROR);
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
