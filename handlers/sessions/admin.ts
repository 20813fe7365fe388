/**
 * The door of the routes that only the operator may use.
 *
 * @module
 */

import { bearerToken } from "../../lib/bearer.ts";
import { httpErrorResponse } from "../../lib/http_error.ts";
import type { HttpHandler } from "../../lib/router.ts";
import { secretMatcher } from "../../lib/secret.ts";

/** Lets a request through to a handler, or answers it with 401. */
export type Door = (handler: HttpHandler) => HttpHandler;

/**
 * Makes a door that opens to `Authorization: Bearer` with the right token.
 *
 * @param token the right one
 */
export function adminDoor(token: string): Door {
  const isToken = secretMatcher(token);
  return (handler) => (request, info) => {
    if (isToken(bearerToken(request.headers) ?? "")) {
      return handler(request, info);
    }
    return httpErrorResponse(request, {
      status: 401,
      message:
        "This path is the operator's: it needs Authorization: Bearer and the ADMIN_TOKEN.",
      headers: {
        "www-authenticate": 'Bearer realm="ws-echo-server administration"',
      },
    });
  };
}
