/**
 * `/healthz`: the health check for load balancers.
 *
 * @module
 */

import type { HttpHandler } from "../../lib/routing/router.ts";

/**
 * Makes the handler of `/healthz`: 200 `ok`, or 503 during a shutdown. It is on both
 * listeners, because a load balancer checks the port that it forwards to.
 *
 * @param isDraining whether the service is shutting down
 */
export function healthz(isDraining: () => boolean): HttpHandler {
  const handler = () => {
    const draining = isDraining();
    return new Response(draining ? "shutting down" : "ok", {
      status: draining ? 503 : 200,
      headers: {
        "cache-control": "no-store",
        "content-type": "text/plain; charset=utf-8",
      },
    });
  };
  return Object.assign(handler, { isOnFrameListener: true });
}
