/**
 * From a matched WebSocket route to "accepted" or "refused": the server's
 * checks, the connection limit, and the handler's own `handshake`. The same for
 * both listeners.
 *
 * @module
 */

import { getLogger } from "@std/log";
import {
  asksForWebSocket,
  checkHandshake,
  type HandshakeHead,
  isToken,
} from "../protocol/handshake.ts";
import { type HttpError, httpErrorResponse } from "../protocol/http_error.ts";
import { printable } from "../log/log.ts";
import type { Service } from "./service.ts";
import type {
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
  WebSocketHandler,
} from "../websocket.ts";

/** A handshake request on its way through the checks. */
export interface Candidate {
  /** The request, as the handler gets to see it; read only where a handler wants it. */
  readonly request: Request;
  /** The request's head, as the checks need it. */
  readonly head: HandshakeHead;
  /** Whether its target has a query. */
  readonly hasQuery: boolean;
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** The listener that received it. */
  readonly listener: HandshakeInfo["listener"];
}

/**
 * The outcome. An accepted candidate holds a place in the sessions, which the
 * listener has to use or give back.
 */
export type Admission =
  | {
    readonly accepted: true;
    /** The `Sec-WebSocket-Key`. */
    readonly key: string;
    /** The chosen subprotocol, or `""`. */
    readonly protocol: string;
    /** What the handler adds. */
    readonly extras: HandshakeExtras;
  }
  | { readonly accepted: false; readonly response: Response };

/** Seconds after which a client that found the service full may come back. */
const RETRY_AFTER = "5";

/**
 * Decides over a handshake; a promise only where the handler's `handshake`
 * returns one.
 *
 * @param service limits and sessions
 * @param handler the matched route's handler
 * @param candidate the request
 */
export function admit(
  service: Service,
  handler: WebSocketHandler,
  candidate: Candidate,
): Admission | Promise<Admission> {
  const { head, remoteAddr, listener } = candidate;
  const verdict = checkHandshake(head, {
    subprotocols: handler.subprotocols ?? [],
    allowedOrigins: service.allowedOrigins,
  });
  if (!verdict.ok) {
    const response = asksForWebSocket(head.headers)
      ? undefined
      : refusedQuery(handler, candidate);
    return response === undefined
      ? refuse(head, verdict.error)
      : { accepted: false, response };
  }
  const { key, offered, protocol } = verdict;
  if (offered.length > 0 && protocol === "") {
    getLogger("httpd_ws").warn(
      "No offered subprotocol is supported:",
      printable(offered.join(", ")),
    );
  }
  if (service.draining) {
    return refuse(head, SHUTTING_DOWN);
  }
  if (service.memory.isFull) {
    service.observer.limited("MEMORY_LIMIT", listener);
    return refuse(head, busy("The server has too little memory."));
  }
  if (!service.sessions.reserve()) {
    service.observer.limited("MAX_CONNECTIONS", listener);
    return refuse(head, busy("The server has no free connection."));
  }
  const isAsked = handler.handshakes !== "query" || candidate.hasQuery;
  if (handler.handshake === undefined || !isAsked) {
    return { accepted: true, key, protocol, extras: {} };
  }

  const conclude = (result: HandshakeResult): Admission => {
    if (!(result instanceof Response) && !service.draining) {
      const extras = checkedExtras(result);
      const chosen = extras.protocol ?? protocol;
      return { accepted: true, key, protocol: chosen, extras };
    }
    service.sessions.release();
    return result instanceof Response
      ? { accepted: false, response: result }
      : refuse(head, SHUTTING_DOWN);
  };
  const fail = (error: unknown): Admission => {
    service.sessions.release();
    getLogger("httpd_ws").error("handshake() failed:", error);
    return refuse(head, SERVER_ERROR);
  };
  try {
    const result = handler.handshake(candidate.request, {
      listener,
      remoteAddr,
      protocol,
    });
    return result instanceof Promise
      ? result.then(conclude).catch(fail)
      : conclude(result);
  } catch (error) {
    return fail(error);
  }
}

/**
 * Has a handler check the query of a request that asks for no WebSocket.
 *
 * @param handler the matched route's handler
 * @param candidate a GET
 * @returns the refusal; `undefined` where the query is not to blame
 */
export function refusedQuery(
  handler: WebSocketHandler,
  candidate: Candidate,
): Response | undefined {
  if (!candidate.hasQuery || handler.checkQuery === undefined) return undefined;
  const { request, listener, remoteAddr } = candidate;
  try {
    return handler.checkQuery(request, { listener, remoteAddr, protocol: "" });
  } catch (error) {
    getLogger("httpd_ws").error("checkQuery() failed:", error);
    return httpErrorResponse(candidate.head, SERVER_ERROR);
  }
}

/** What cannot be sent is the handler's fault, and found out here. */
function checkedExtras(extras: HandshakeExtras | void): HandshakeExtras {
  if (extras?.protocol && !isToken(extras.protocol)) {
    throw new TypeError(`"${extras.protocol}" names no subprotocol`);
  }
  if (extras?.headers === undefined) return extras ?? {};
  return { ...extras, headers: new Headers(extras.headers) };
}

/** What a peer gets to know of an error in a handler: nothing. */
export const SERVER_ERROR: HttpError = {
  status: 500,
  message: "The server failed to answer this request.",
};

function busy(message: string): HttpError {
  return { status: 503, message, headers: { "retry-after": RETRY_AFTER } };
}

const SHUTTING_DOWN = busy("The server is shutting down.");

function refuse(head: HandshakeHead, error: HttpError): Admission {
  return { accepted: false, response: httpErrorResponse(head, error) };
}
