/**
 * Puts a token guard in front of an HTTP handler.
 *
 * @module
 */

import type { TokenGuard } from "../../lib/http/token_guard.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";

/**
 * Makes a handler that refuses requests without the guard's token.
 *
 * @param guard checks the token
 * @param handler answers requests with the right token
 */
export function guarded(guard: TokenGuard, handler: HttpHandler): HttpHandler {
  return (request, info) => {
    const error = guard.refusal(request, info);
    if (error !== undefined) throw new RefusedError(error);
    return handler(request, info);
  };
}
