/**
 * The token guard of the routes that only the operator may use.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type { TokenFailures } from "../../lib/limits/token_failures.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { TokenGuard } from "../../lib/http/token_guard.ts";

/** Lets a request through to a handler, or refuses it. */
export type Door = (handler: HttpHandler) => HttpHandler;

/**
 * Makes a token guard that opens to `Authorization: Bearer` with the right token.
 *
 * @param token the right one
 * @param failures limits wrong ones
 */
export function adminGuard(token: string, failures?: TokenFailures): Door {
  const guard = new TokenGuard({
    name: "ADMIN_TOKEN",
    token,
    realm: "ws-echo-server administration",
    message:
      "This path is the operator's: it needs Authorization: Bearer and the ADMIN_TOKEN.",
    failures,
  });
  return (handler) => (request, info) => {
    const error = guard.refusal(request, info);
    return error === undefined
      ? handler(request, info)
      : httpErrorResponse(request, error);
  };
}
