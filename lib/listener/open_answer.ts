/**
 * Answers that are not there yet. They can be ended: by a shutdown whose time is over, as
 * the runtime's own shutdown waits for every handler, and where the process grows.
 *
 * @module
 */

import type { OpenRequests } from "../limits/open_requests.ts";
import { RefusedError, TOO_LITTLE_MEMORY } from "../protocol/http_error.ts";
import { withSecurityFields } from "../protocol/security_fields.ts";
import { failedUpgrade, isUpgraded } from "../runtime/upgrade/own_upgrade.ts";

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
      if (breaksOff && !isBeingRead(request)) resolve(lastResponse());
      else resolve(new Response(null, { status: 503 }));
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

/**
 * Makes a 503 that ends the connection, unless the request is a HEAD. The runtime ends a
 * connection only where a response breaks off (seen in Deno 2.9.6): this one does so
 * before its last byte, a line feed.
 */
function lastResponse(): Response {
  const { status, headers, message } = TOO_LITTLE_MEMORY;
  const text = new TextEncoder().encode(message);
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(text),
    pull: (controller) => controller.error(new RefusedError(TOO_LITTLE_MEMORY)),
  });
  return withSecurityFields(
    new Response(body, {
      status,
      headers: {
        ...headers,
        // A compressed body has no length.
        "cache-control": "no-store, no-transform",
        "connection": "close",
        "content-length": `${text.length + 1}`,
        "content-type": "text/plain; charset=utf-8",
      },
    }),
  );
}
