/**
 * Error responses for the requests that a handler refuses.
 *
 * @module
 */

import {
  httpErrorResponse,
  RefusedError,
  type RequestFields,
} from "../protocol/http_error.ts";
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
      return refusalOf(request, error);
    }
  };
}

/**
 * Calls a function, such as a part of a `handshake`, and makes the response of a
 * {@linkcode RefusedError} that it throws; other errors are thrown on.
 *
 * @param request whose `Accept` selects the form of the response
 * @param make synchronous
 * @returns the function's result, or the response
 */
export function answerRefusal<T>(
  request: RequestFields,
  make: () => T,
): T | Response {
  try {
    return make();
  } catch (error) {
    return refusalOf(request, error);
  }
}

function refusalOf(request: RequestFields, error: unknown): Response {
  if (!(error instanceof RefusedError)) throw error;
  return httpErrorResponse(request, error.answer);
}
