/**
 * `/healthz`: for load balancers.
 *
 * @module
 */

import type { HttpHandler } from "../lib/router.ts";

/**
 * Answers 200 `ok`, or 503 while the service is shutting down.
 *
 * @param isDraining whether it is
 */
export function healthz(isDraining: () => boolean): HttpHandler {
  return () => {
    const draining = isDraining();
    return new Response(draining ? "shutting down" : "ok", {
      status: draining ? 503 : 200,
      headers: {
        "cache-control": "no-store",
        "content-type": "text/plain; charset=utf-8",
      },
    });
  };
}
