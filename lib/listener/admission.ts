/**
 * The decision about a handshake, the same on both listeners: the rules of RFC
 * 6455 §4.2, the limits of the service, and the handler's own `handshake`.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { wrongArgument } from "../errors/argument.ts";
import { maskSubprotocols } from "../http/secret_masking.ts";
import { line } from "../log/fields.ts";
import {
  asksForWebSocket,
  checkHandshake,
  type HandshakeHead,
  isToken,
} from "../protocol/handshake.ts";
import { errorMessage, type HttpError } from "../protocol/http_error.ts";
import type {
  HandshakeExtras,
  HandshakeResult,
  WebSocketHandler,
} from "../websocket.ts";
import {
  logRefused,
  type Refusable,
  refusalResponse,
  thrownRefusal,
} from "./refusal.ts";
import { sendable } from "./sendable.ts";
import type { Service } from "./service.ts";

/** The parts of a service that decide about a handshake. */
export interface Admitting {
  /** Origins that may connect; `undefined`: any. */
  readonly allowedOrigins: Service["allowedOrigins"];
  /** True during a shutdown. */
  readonly draining: boolean;
  /** The account of the memory that is held for clients. */
  readonly memory: Pick<Service["memory"], "isFull">;
  /** The connection slots. */
  readonly sessions: Pick<Service["sessions"], "reserve" | "release">;
  /** Notified of limits. */
  readonly observer: Pick<Service["observer"], "limited">;
  /** Replace the responses to refused requests. */
  readonly errors?: Service["errors"];
  /** Proxies that every request passes. */
  readonly trustProxy?: Service["trustProxy"] | undefined;
}

/** A handshake request that is being checked. */
export interface Candidate extends Refusable {
  /** The request's method and fields, for the checks. */
  readonly head: HandshakeHead;
  /** Whether the target has a query. */
  readonly hasQuery: boolean;
  /** The matched route's path in the router map, for the log. */
  readonly path?: string | undefined;
  /** The request head as received, in Latin-1; `undefined` on the edge listener. */
  readonly requestHead: string | undefined;
}

/** An accepted handshake. It holds a connection slot, which the listener uses or releases. */
export interface Accepted {
  /** Always true. */
  readonly accepted: true;
  /** The `Sec-WebSocket-Key`. */
  readonly key: string;
  /** The chosen subprotocol, or `""`. */
  readonly protocol: string;
  /** The handler's additions. */
  readonly extras: HandshakeExtras;
}

/** A refused handshake. */
export interface Refused {
  /** Always false. */
  readonly accepted: false;
  /** The answer; a promise where an error handler of the service returns one. */
  readonly response: Response | Promise<Response>;
}

/** The decision about a handshake. */
export type Admission = Accepted | Refused;

/** Seconds until a client of a full service may try again. */
const RETRY_AFTER = "5";

/** The answer to an error of a handler; says nothing of the error. */
export const SERVER_ERROR: HttpError = {
  status: 500,
  message: "The server failed to answer this request.",
};

const SHUTTING_DOWN = unavailable("The server is shutting down.");
const MEMORY_FULL = unavailable("The server has too little memory.");
const NO_SLOT = unavailable("The server has no free connection.");

/**
 * Decides about a handshake. Returns a promise only where the handler's
 * `handshake` returns one.
 *
 * @param service limits and sessions
 * @param handler the matched route's handler
 * @param candidate the request
 */
export function admit(
  service: Admitting,
  handler: WebSocketHandler,
  candidate: Candidate,
): Admission | Promise<Admission> {
  const { head } = candidate;
  const verdict = checkHandshake(head, {
    subprotocols: handler.subprotocols ?? [],
    allowedOrigins: service.allowedOrigins,
  });
  if (!verdict.ok) {
    return refuseInvalid(service, handler, candidate, verdict.error);
  }
  const { key, offered, protocol } = verdict;
  if (offered.length > 0 && protocol === "") {
    getLogger("httpd_ws").warn(
      ...line`No offered subprotocol is supported: ${{
        "websocket.subprotocol": maskSubprotocols(offered).join(", "),
      }}`,
    );
  }
  const error = reserveSlot(service, candidate);
  if (error !== undefined) return refuse(service, candidate, error);
  const isAsked = handler.handshakes !== "query" || candidate.hasQuery;
  if (handler.handshake === undefined || !isAsked) {
    return { accepted: true, key, protocol, extras: {} };
  }
  return askHandler(service, handler, candidate, { key, protocol });
}

/** The handler may have a better answer to a plain GET than the rule that it breaks. */
function refuseInvalid(
  service: Admitting,
  handler: WebSocketHandler,
  candidate: Candidate,
  error: HttpError,
): Refused {
  const response = asksForWebSocket(candidate.head.headers)
    ? undefined
    : refusedQuery(service, handler, candidate);
  return response === undefined
    ? refuse(service, candidate, error)
    : { accepted: false, response };
}

/** Reserves a connection slot, or returns the reason why there is none. */
function reserveSlot(
  service: Admitting,
  { listener }: Candidate,
): HttpError | undefined {
  if (service.draining) return SHUTTING_DOWN;
  if (service.memory.isFull) {
    service.observer.limited("MEMORY_LIMIT", listener);
    return MEMORY_FULL;
  }
  if (!service.sessions.reserve()) {
    service.observer.limited("MAX_CONNECTIONS", listener);
    return NO_SLOT;
  }
  return undefined;
}

/** Calls the handler's `handshake`; releases the slot unless it accepts. */
function askHandler(
  service: Admitting,
  handler: WebSocketHandler,
  candidate: Candidate,
  { key, protocol }: Pick<Accepted, "key" | "protocol">,
): Admission | Promise<Admission> {
  const conclude = (result: HandshakeResult): Admission => {
    if (!(result instanceof Response) && !service.draining) {
      const extras = checkedExtras(result);
      const unsupported = frameOnly(candidate, extras);
      if (unsupported !== undefined) return refuseExtra(unsupported);
      const chosen = extras.protocol ?? protocol;
      return { accepted: true, key, protocol: chosen, extras };
    }
    const refusal = result instanceof Response
      ? logged(service, candidate, sendable(result))
      : undefined;
    service.sessions.release();
    return refusal === undefined
      ? refuse(service, candidate, SHUTTING_DOWN)
      : { accepted: false, response: refusal };
  };
  const refuseExtra = (name: string): Admission => {
    service.sessions.release();
    getLogger("httpd_ws").error(
      failureOf("handshake()", candidate),
      `"${name}" needs the frame listener`,
    );
    return refuse(service, candidate, SERVER_ERROR);
  };
  const fail = (error: unknown): Admission => {
    service.sessions.release();
    const response = thrownRefusal(service, candidate, error);
    if (response !== undefined) return { accepted: false, response };
    getLogger("httpd_ws").error(failureOf("handshake()", candidate), error);
    return refuse(service, candidate, SERVER_ERROR);
  };
  try {
    const { listener, remoteAddr, params, requestHead } = candidate;
    const info = { listener, remoteAddr, params, protocol, requestHead };
    const result = handler.handshake!(candidate.request, info);
    return result instanceof Promise
      ? result.then(conclude).catch(fail)
      : conclude(result);
  } catch (error) {
    return fail(error);
  }
}

/**
 * Lets a handler check the query of a request that asks for no WebSocket.
 *
 * @param service its error handlers
 * @param handler the matched route's handler
 * @param candidate a GET
 * @returns the refusal; `undefined` where the query is valid
 */
export function refusedQuery(
  service: Admitting,
  handler: WebSocketHandler,
  candidate: Candidate,
): Response | Promise<Response> | undefined {
  if (!candidate.hasQuery || handler.checkQuery === undefined) return undefined;
  const { request, listener, remoteAddr, params, requestHead } = candidate;
  const info = { listener, remoteAddr, params, protocol: "", requestHead };
  const fail = (error: unknown): Response | Promise<Response> => {
    const refusal = thrownRefusal(service, candidate, error);
    if (refusal !== undefined) return refusal;
    getLogger("httpd_ws").error(failureOf("checkQuery()", candidate), error);
    return refusalResponse(service, candidate, SERVER_ERROR);
  };
  try {
    const result: unknown = handler.checkQuery(request, info);
    if (result === undefined) return undefined;
    // The type forbids a promise, JavaScript does not.
    const refuse = (refusal: unknown): Response =>
      logged(service, candidate, sendable(refusal));
    return result instanceof Promise
      ? result.then(refuse).catch(fail)
      : refuse(result);
  } catch (error) {
    return fail(error);
  }
}

/** Logs the refusal of a handler. */
function logged(
  service: Admitting,
  candidate: Candidate,
  response: Response,
): Response {
  const reason = errorMessage(response) ?? "The handler refused.";
  logRefused(service, candidate, response.status, reason);
  return response;
}

function failureOf(method: string, { path }: Candidate): string {
  return path === undefined
    ? `${method} failed:`
    : `${method} of ${path} failed:`;
}

/**
 * Checks that a handler's additions can be sent.
 *
 * @throws {TypeError} the result is no object, the subprotocol is no token, or a field is
 * invalid
 */
function checkedExtras(extras: HandshakeExtras | void): HandshakeExtras {
  // A handler without types may mean `false` as a refusal.
  if (extras !== undefined && (typeof extras !== "object" || extras === null)) {
    throw wrongArgument(
      "the result of handshake()",
      "a Response, an object, undefined",
      extras,
    );
  }
  if (extras?.protocol && !isToken(extras.protocol)) {
    throw new TypeError(`"${extras.protocol}" is not a subprotocol name`);
  }
  if (extras?.headers === undefined) return extras ?? {};
  return { ...extras, headers: new Headers(extras.headers) };
}

/** The addition that only the frame listener has, if the handler returned it elsewhere. */
function frameOnly(
  { listener }: Candidate,
  { tap, takeOver }: HandshakeExtras,
): "tap" | "takeOver" | undefined {
  if (listener === "frame") return undefined;
  if (takeOver !== undefined) return "takeOver";
  return tap === undefined ? undefined : "tap";
}

function unavailable(message: string): HttpError {
  return { status: 503, message, headers: { "retry-after": RETRY_AFTER } };
}

function refuse(
  service: Admitting,
  candidate: Candidate,
  error: HttpError,
): Refused {
  const response = refusalResponse(service, candidate, error);
  return { accepted: false, response };
}
