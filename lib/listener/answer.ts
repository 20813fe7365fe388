/**
 * The answer of an HTTP handler, whatever becomes of it.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { SERVER_ERROR } from "./admission.ts";
import { type Fields, httpErrorResponse } from "../protocol/http_error.ts";

/**
 * Runs an HTTP handler. An error is logged, and the answer is 500.
 *
 * @param handle calls the handler
 * @param request whose `Accept` decides over the form of the 500
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
