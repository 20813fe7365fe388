/**
 * `/healthz`: for load balancers.
 *
 * @module
 */

import type { HttpHandler } from "../../lib/routing/router.ts";

/**
 * Answers 200 `ok`, or 503 while the service is shutting down; on both listeners,
 * as a balancer checks the port that it sends clients to.
 *
 * @param isDraining whether it is
 */
export function healthz(isDraining: () => boolean): HttpHandler {
  const answer = () => {
    const draining = isDraining();
    return new Response(draining ? "shutting down" : "ok", {
      status: draining ? 503 : 200,
      headers: {
        "cache-control": "no-store",
        "content-type": "text/plain; charset=utf-8",
      },
    });
  };
  return Object.assign(answer, { isOnFrameListener: true });
}
