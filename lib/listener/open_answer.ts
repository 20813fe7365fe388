/**
 * Answers that are not there yet. They can be ended: by a shutdown whose time is over, as
 * the runtime's own shutdown waits for every handler, and where the process grows.
 *
 * @module
 */

import type { OpenRequests } from "../limits/open_requests.ts";
import { TOO_LITTLE_MEMORY } from "../protocol/http_error.ts";
import { failedUpgrade, isUpgraded } from "../runtime/upgrade/own_upgrade.ts";
import { lastResponse } from "./last_response.ts";

/**
 * Adds a request to the open ones until its answer is there.
 *
 * @param requests the open requests
 * @param request the request
 * @param answer of a handler
 * @returns the answer, or a 503 if the request is ended first
 */
export function openAnswer(
  requests: OpenRequests,
  request: Request,
  answer: Promise<Response>,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const remove = requests.add((breaksOff) => {
      if (isUpgraded(request)) return resolve(failedUpgrade());
      // The handler may still read them. The runtime's getters throw when a request is
      // answered, unless they were used before (seen in Deno 2.9.6).
      void [...request.headers];
      if (breaksOff && !isBeingRead(request)) {
        resolve(lastResponse(TOO_LITTLE_MEMORY));
      } else resolve(new Response(null, { status: 503 }));
    });
    answer.then(resolve, reject).finally(remove);
  });
}

/**
 * Whether the body of a request is being read. If its response broke off, the runtime
 * would keep its socket for good (seen in Deno 2.9.6). Meanwhile it does not read on.
 */
function isBeingRead(request: Request): boolean {
  return request.bodyUsed && request.body!.locked;
}
