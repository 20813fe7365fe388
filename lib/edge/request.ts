/**
 * The first stage of the edge listener: a request in, its response out. The
 * observer is notified of every response.
 *
 * Where many requests arrive at a time, a request waits for its turn; one that is
 * upgraded does not, since a client that leaves meanwhile would leak a socket.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { failureResponse } from "../listener/answer.ts";
import { openAnswer } from "../listener/open_answer.ts";
import { line } from "../log/fields.ts";
import { asksForWebSocket } from "../protocol/handshake.ts";
import { withSecurityFields } from "../protocol/security_fields.ts";
import { failedUpgrade, isUpgraded } from "../runtime/upgrade/own_upgrade.ts";
import { nextSlice } from "../scheduling/scheduler.ts";
import type { EdgeContext } from "./context.ts";
import { route } from "./route.ts";

/**
 * Answers a request and notifies the observer. Returns no promise where the
 * response is known at once.
 *
 * @param context the listener's parts
 * @param request the runtime's request
 * @param remoteAddr the client's address
 */
export function answerRequest(
  context: EdgeContext,
  request: Request,
  remoteAddr: Deno.Addr,
): Response | Promise<Response> {
  const start = performance.now();
  const answer = () => answerNow(context, request, remoteAddr, start);
  const isNow = context.requestTurns.take(start, hostOf(remoteAddr)) ||
    asksForWebSocket(request.headers);
  const response = isNow ? answer() : nextSlice().then(answer);
  return response instanceof Promise
    ? openAnswer(context.service.openRequests, request, response)
    : response;
}

function answerNow(
  context: EdgeContext,
  request: Request,
  remoteAddr: Deno.Addr,
  start: number,
): Response | Promise<Response> {
  const { method } = request;
  const routed = route(context, request, remoteAddr);
  const { path, isHandshake } = routed;
  const report = (response: Response) => {
    context.service.observer.answered({
      listener: "edge",
      method,
      path,
      isHandshake,
      status: response.status,
      seconds: (performance.now() - start) / 1000,
    });
    return response.status === 101 ? response : withSecurityFields(response);
  };
  const finish = (response: Response) =>
    report(
      isUpgradeUnanswered(request, response, path) ? failedUpgrade() : response,
    );
  if (routed.response instanceof Promise) {
    return routed.response.catch(failureResponse).then(finish);
  }
  const response = finish(routed.response);
  const isRefused = isHandshake && response.status !== 101;
  if (!isRefused) return response;
  return context.requestTurns.take(performance.now(), hostOf(remoteAddr))
    ? response
    : nextSlice().then(() => response);
}

function hostOf(address: Deno.Addr): string {
  return "hostname" in address ? address.hostname : "";
}

/** Whether a handler has upgraded the request by itself, and returned another response. */
function isUpgradeUnanswered(
  request: Request,
  { status }: Response,
  path: string | undefined,
): boolean {
  if (status === 101 || !isUpgraded(request)) return false;
  getLogger("httpd").error(
    ...line`The handler of ${{
      "http.route": path,
    }} has upgraded its request, and not returned the response of the upgrade`,
  );
  return true;
}
