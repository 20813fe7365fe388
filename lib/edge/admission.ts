/**
 * The third stage of the edge listener: from a matched WebSocket route to the
 * upgrade or the refusal. The refused addresses come first, then the address limiter,
 * then the checks that both listeners share.
 *
 * @module
 */

import type { AddressVerdict } from "../limits/address/address_limiter.ts";
import {
  type Admission,
  admit,
  type Candidate,
} from "../listener/admission.ts";
import { refusalResponse } from "../listener/refusal.ts";
import { UPGRADE_FIELDS } from "../protocol/handshake.ts";
import type { HttpError } from "../protocol/http_error.ts";
import { isUpgradable } from "../runtime/upgrade/upgrade_field.ts";
import type { EdgeContext } from "./context.ts";
import type { ReplaceableServer } from "./replaceable_server.ts";
import { REFUSED } from "./refused_addresses.ts";
import { type Handshake, upgrade, type WebSocketMatch } from "./upgrade.ts";

/**
 * Releases the slot in the address limiter, and ends the server's count of the WebSocket.
 * The second call does nothing.
 */
type Release = () => void;

const NO_H2C: HttpError = {
  status: 426,
  message:
    "This listener upgrades to WebSocket only, but the first Upgrade field is h2c.",
  headers: UPGRADE_FIELDS,
};

/**
 * Admits or refuses a handshake, and answers it. Returns no promise where the
 * handler decides at once and the client's address had no failed upgrade.
 *
 * @param context the listener's parts
 * @param route the matched route
 * @param handshake the request
 */
export function admitHandshake(
  context: EdgeContext,
  route: WebSocketMatch,
  handshake: Handshake,
): Response | Promise<Response> {
  const { service, server, abortedRequests, refusedAddresses } = context;
  const { request, remoteAddr } = handshake;
  const candidate: Candidate = {
    request,
    path: route.path,
    hasQuery: request.url.includes("?"),
    head: request,
    target: request.url,
    remoteAddr,
    params: route.params,
    listener: "edge",
    requestHead: undefined,
  };
  const forwardedFor = request.headers.get("x-forwarded-for");
  if (refusedAddresses.has(handshake.client)) {
    return refusalResponse(service, candidate, REFUSED);
  }
  const verdict = service.addressLimiter?.admit(remoteAddr, forwardedFor);
  if (verdict?.admitted === false) {
    service.observer.limited(verdict.limit, "edge");
    return refusalResponse(service, candidate, verdict.error);
  }
  server.webSocketStarted();
  const release = releaseOnce(server, verdict);
  if (!isUpgradable(request.headers)) {
    release();
    return refusalResponse(service, candidate, NO_H2C);
  }
  const admission = admit(service, route.handler, candidate);
  if (
    !(admission instanceof Promise) &&
    (!admission.accepted ||
      abortedRequests.mayUpgradeAtOnce(handshake.address))
  ) return conclude(context, route, handshake, release, admission);
  return concludeLater(context, route, handshake, release, admission);
}

function releaseOnce(
  server: ReplaceableServer,
  verdict: Extract<AddressVerdict, { admitted: true }> | undefined,
): Release {
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    verdict?.release();
    server.webSocketEnded();
  };
}

/** Answers within the call that brought the request. */
function conclude(
  context: EdgeContext,
  route: WebSocketMatch,
  handshake: Handshake,
  release: Release,
  admission: Admission,
): Response | Promise<Response> {
  if (admission.accepted) {
    return upgrade(context, route, handshake, release, admission);
  }
  release();
  return admission.response;
}

/** Answers a request that has waited, whose client may have disconnected meanwhile. */
async function concludeLater(
  context: EdgeContext,
  route: WebSocketMatch,
  handshake: Handshake,
  release: Release,
  deciding: Admission | Promise<Admission>,
): Promise<Response> {
  const admission = await deciding;
  const { abortedRequests, service } = context;
  if (
    admission.accepted &&
    await abortedRequests.isAborted(handshake.request)
  ) {
    service.sessions.release();
    release();
    return new Response(null, { status: 400 });
  }
  return conclude(context, route, handshake, release, admission);
}
