/**
 * Error responses for the requests that a handler refuses.
 *
 * @module
 */

import { httpErrorResponse, RefusedError } from "../protocol/http_error.ts";
import type { HttpHandler } from "../routing/router.ts";

/**
 * Makes a handler that sends the response of a {@linkcode RefusedError}; other errors
 * are thrown on.
 */
export function answerRefusals(handler: HttpHandler): HttpHandler {
  return async (request, info) => {
    try {
      return await handler(request, info);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return httpErrorResponse(request, error.answer);
    }
  };
}
