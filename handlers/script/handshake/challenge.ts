/**
 * Lets a handshake pass only with the right credentials.
 *
 * @module
 */

import { httpErrorResponse } from "../../../lib/protocol/http_error.ts";
import type { Draft } from "../engine/draft.ts";
import { BASIC_CHALLENGE, isBasicRight } from "./basic.ts";
import type { Credentials } from "./credentials.ts";
import { checkDigest, digestChallenges } from "./digest.ts";

/**
 * Refuses a handshake with 401 unless its `Authorization` is right.
 *
 * @param draft the answer; changed
 * @param scheme the only scheme that is accepted
 * @param credentials the right ones
 */
export function challenge(
  draft: Draft,
  scheme: "basic" | "digest",
  credentials: Credentials,
): void {
  const { headers, url } = draft.request;
  const authorization = headers.get("authorization") ?? "";
  if (scheme === "basic") {
    if (!isBasicRight(authorization, credentials)) {
      refuse(draft, [BASIC_CHALLENGE]);
    }
    return;
  }
  const now = Date.now();
  const verdict = checkDigest(authorization, credentials, url, now);
  if (verdict === "right") return;
  refuse(draft, digestChallenges(verdict === "stale", now));
}

/** Few clients read several challenges in one field, so each has its own. */
function refuse(draft: Draft, challenges: readonly string[]): void {
  draft.refusal = httpErrorResponse(draft.request, {
    status: 401,
    message: "The plan asks for credentials, and they are missing or wrong.",
  });
  for (const value of challenges) draft.add("WWW-Authenticate", value);
}
