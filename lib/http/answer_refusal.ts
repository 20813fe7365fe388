/**
 * The response to a request that a part of a `handshake` or a `checkQuery` refuses.
 *
 * @module
 */

import {
  httpErrorResponse,
  RefusedError,
  type RequestFields,
} from "../protocol/http_error.ts";

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
    if (!(error instanceof RefusedError)) throw error;
    return httpErrorResponse(request, error.answer);
  }
}
