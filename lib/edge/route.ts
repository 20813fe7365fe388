/**
 * The second stage of the edge listener: from a request to the HTTP handler, the
 * WebSocket admission or the refusal that its target leads to.
 *
 * @module
 */

import { clientAddress } from "../limits/address/client_address.ts";
import { answer } from "../listener/answer.ts";
import { refusalResponse } from "../listener/refusal.ts";
import { asksForWebSocket, isHost } from "../protocol/handshake.ts";
import type { HttpError } from "../protocol/http_error.ts";
import { originForm, pathOf } from "../protocol/request_target.ts";
import { NO_PARAMS } from "../routing/path_pattern.ts";
import type { HttpInfo } from "../routing/router.ts";
import { admitHandshake } from "./admission.ts";
import type { EdgeContext } from "./context.ts";

/** The route of a request, and its response. */
export interface Routed {
  /** The matched route's path in the router map; `undefined` where none matched. */
  readonly path: string | undefined;
  /** Whether the request asks for a WebSocket. */
  readonly isHandshake: boolean;
  /** The response; a promise where the handler is asynchronous. */
  readonly response: Response | Promise<Response>;
}

const MALFORMED: HttpError = {
  status: 400,
  message: "The Host field or the request target is malformed.",
};

/**
 * Routes a request and starts its response.
 *
 * @param context the listener's parts
 * @param request the runtime's request
 * @param remoteAddr the client's address
 */
export function route(
  context: EdgeContext,
  request: Request,
  remoteAddr: Deno.Addr,
): Routed {
  // The runtime builds the URL from the scheme, Host and target as received.
  const host = request.headers.get("host");
  const target = originForm(request.url);
  const url = host === null || isHost(host) ? URL.parse(request.url) : null;
  if (url === null || target === undefined) {
    return refuse(context, request, remoteAddr, MALFORMED);
  }
  const { method, headers } = request;
  const path = pathOf(target);
  const { addressLimiter, router } = context.service;
  const match = router.match(method, path, asksForWebSocket(headers));
  switch (match.kind) {
    case "refused":
      return refuse(context, request, remoteAddr, match.error);
    case "http": {
      const { path, handler, params } = match;
      const info: HttpInfo = { listener: "edge", remoteAddr, params };
      const handle = () => handler(request, info);
      const refusable = { request, head: request, target, ...info };
      const response = answer(context.service, handle, refusable, path);
      return { path, isHandshake: false, response };
    }
    case "websocket": {
      const { path } = match;
      const address = clientAddress(remoteAddr, null, 0);
      const client = addressLimiter?.needsHead
        ? addressLimiter.addressOf(remoteAddr, headers.get("x-forwarded-for"))
        : address;
      const handshake = { request, url, remoteAddr, address, client };
      const response = admitHandshake(context, match, handshake);
      return { path, isHandshake: true, response };
    }
  }
}

function refuse(
  { service }: EdgeContext,
  request: Request,
  remoteAddr: Deno.Addr,
  error: HttpError,
): Routed {
  const isHandshake = asksForWebSocket(request.headers);
  const info = { listener: "edge", remoteAddr, params: NO_PARAMS } as const;
  const target = request.url;
  const refusable = { request, head: request, target, ...info };
  const response = refusalResponse(service, refusable, error);
  return { path: undefined, isHandshake, response };
}
