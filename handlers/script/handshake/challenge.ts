/**
 * Lets a handshake pass only with the right credentials.
 *
 * @module
 */

import { httpErrorResponse } from "../../../lib/protocol/http_error.ts";
import { BASIC_CHALLENGE, isBasicRight } from "./basic.ts";
import type { Credentials } from "./credentials.ts";
import { checkDigest, digestChallenges } from "./digest.ts";

/**
 * Checks the `Authorization` of a request.
 *
 * @param request the handshake
 * @param scheme the only scheme that is accepted
 * @param credentials the right ones
 * @returns the 401; `undefined` if the request may pass
 */
export function challenge(
  request: Request,
  scheme: "basic" | "digest",
  credentials: Credentials,
): Response | undefined {
  const authorization = request.headers.get("authorization") ?? "";
  if (scheme === "basic") {
    if (isBasicRight(authorization, credentials)) return undefined;
    return unauthorized(request, [BASIC_CHALLENGE]);
  }
  const now = Date.now();
  const verdict = checkDigest(authorization, credentials, request.url, now);
  if (verdict === "right") return undefined;
  return unauthorized(request, digestChallenges(verdict === "stale", now));
}

function unauthorized(
  request: Request,
  challenges: readonly string[],
): Response {
  const response = httpErrorResponse(request, {
    status: 401,
    message: "The plan asks for credentials, and they are missing or wrong.",
  });
  for (const challenge of challenges) {
    response.headers.append("www-authenticate", challenge);
  }
  return response;
}
