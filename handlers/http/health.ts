/**
 * `/livez`, `/readyz` and `/healthz`: the health checks for load balancers and
 * supervisors.
 *
 * @module
 */

import type { HttpHandler } from "../../lib/routing/router.ts";

/**
 * The handler of `/livez`: always 200 `ok`. A supervisor that gets no answer restarts the
 * service.
 */
export const livez: HttpHandler = onBothListeners(() => health(200, "ok"));

/**
 * Makes the handler of `/readyz` and `/healthz`: 200 `ok`, or 503 during a drain or a
 * shutdown.
 *
 * @param isDraining whether the service is draining or shutting down
 */
export function readyz(isDraining: () => boolean): HttpHandler {
  return onBothListeners(() =>
    isDraining() ? health(503, "shutting down") : health(200, "ok")
  );
}

function health(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: {
      "cache-control": "no-store",
      "content-type": "text/plain; charset=utf-8",
    },
  });
}

/** A load balancer checks the port that it forwards to. */
function onBothListeners(handler: HttpHandler): HttpHandler {
  return Object.assign(handler, { isOnFrameListener: true });
}
