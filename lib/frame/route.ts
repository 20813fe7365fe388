/**
 * The second stage of the frame listener: from a request head to the WebSocket
 * route, the HTTP answer or the refusal that its target leads to.
 *
 * @module
 */

import { refusedQuery } from "../listener/admission.ts";
import { answer } from "../listener/answer.ts";
import { asksForWebSocket, BAD_HOST } from "../protocol/handshake.ts";
import type { HttpError } from "../protocol/http_error.ts";
import { pathOf } from "../protocol/request_target.ts";
import { NO_PARAMS } from "../routing/path_pattern.ts";
import type { AnyWebSocketHandler } from "../routing/router.ts";
import type { PathParams } from "../websocket.ts";
import { FrameCandidate, NO_ORIGIN } from "./candidate.ts";
import { type ExtensionOffer, parseExtensions } from "./codec/extensions.ts";
import { hasBody, type RequestHead } from "./codec/request_head.ts";
import type { FrameContext } from "./context.ts";

/** A handshake for a WebSocket route. */
export interface Handshake {
  /** Distinguishes the outcomes. */
  readonly kind: "handshake";
  /** Scheme and authority of the request's URL. */
  readonly origin: string;
  /** The matched route's path in the router map. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** The matched route's handler. */
  readonly handler: AnyWebSocketHandler;
  /** The extensions that the client offers. */
  readonly extensions: readonly ExtensionOffer[];
}

/** The route of a request, or its answer. */
export type Routed =
  | Handshake
  | {
    readonly kind: "answered";
    /** The answer; a promise where the handler is asynchronous. */
    readonly response: Response | Promise<Response>;
    /** Path of the HTTP route that answers; `undefined` where a WebSocket route does. */
    readonly path?: string;
  }
  | { readonly kind: "refused"; readonly error: HttpError };

/**
 * RFC 6455 {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | §9.1}: a
 * malformed list fails the handshake.
 */
const BAD_EXTENSIONS: HttpError = {
  status: 400,
  message: "Sec-WebSocket-Extensions is not a list of extensions.",
};

const NO_WEBSOCKET: HttpError = {
  status: 404,
  message: "This path is not a WebSocket route.",
};

/** The decoder would take a body for frames. */
const BAD_BODY: HttpError = {
  status: 400,
  message: "A handshake request has no body.",
};

/**
 * Routes a request, and starts the answer of an HTTP handler.
 *
 * @param context the listener's parts
 * @param head the request's head
 * @param remoteAddr the client's address
 */
export function route(
  context: FrameContext,
  head: RequestHead,
  remoteAddr: Deno.Addr,
): Routed {
  const { method, target, headers } = head;
  const origin = context.origins.of(headers.get("host"));
  if (!asksForWebSocket(headers)) {
    return routePlain(context, head, origin, remoteAddr);
  }
  if (origin === undefined) return refused(BAD_HOST);
  const extensions = parseExtensions(headers.get("sec-websocket-extensions"));
  if (extensions === undefined) return refused(BAD_EXTENSIONS);
  const match = context.service.router.match(method, pathOf(target), true);
  switch (match.kind) {
    case "refused":
      return refused(match.error);
    case "http":
      return refused(NO_WEBSOCKET);
    case "websocket": {
      if (hasBody(headers)) return refused(BAD_BODY);
      const { path, params, handler } = match;
      return { kind: "handshake", origin, path, params, handler, extensions };
    }
  }
}

/** Routes a request that asks for no WebSocket; most get a 426. */
function routePlain(
  { service, edgePort }: FrameContext,
  head: RequestHead,
  origin: string | undefined,
  remoteAddr: Deno.Addr,
): Routed {
  const { method, target, httpVersion, headers } = head;
  const { pathname } = new URL(`${origin ?? NO_ORIGIN}${target}`);
  const match = service.router.match(method, pathname);
  const params = match.kind === "refused" ? NO_PARAMS : match.params;
  const candidate = new FrameCandidate(
    head,
    origin,
    remoteAddr,
    params,
    match.kind === "refused" ? undefined : match.path,
  );
  if (match.kind === "http" && match.handler.isOnFrameListener) {
    const { path, handler } = match;
    const info = { listener: "frame", remoteAddr, params } as const;
    const handle = () => handler(candidate.request, info);
    const response = answer(service, handle, candidate, path);
    return { kind: "answered", path, response };
  }
  // HTTP/1.0 has no Host field (RFC 9112 §3.2).
  const needsHost = httpVersion !== "1.0" || headers.get("host") !== null;
  if (origin === undefined && needsHost) return refused(BAD_HOST);
  const response = match.kind === "websocket"
    ? refusedQuery(service, match.handler, candidate)
    : undefined;
  return response === undefined
    ? refused(onlyWebSocket(origin, edgePort))
    : { kind: "answered", response };
}

function refused(error: HttpError): Routed {
  return { kind: "refused", error };
}

/** Names the edge listener; without a Host field only its port is known. */
function onlyWebSocket(
  origin: string | undefined,
  edgePort: number,
): HttpError {
  let where = `on port ${edgePort}`;
  if (origin !== undefined) {
    const edge = new URL(origin);
    edge.port = String(edgePort);
    where = `at ${edge.href}`;
  }
  return {
    status: 426,
    message: `This port serves WebSocket only. HTTP is ${where}.`,
    headers: { upgrade: "websocket", connection: "Upgrade" },
  };
}
