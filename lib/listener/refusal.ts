/**
 * The listeners' responses to requests that they refuse, which a service may replace
 * by status.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import {
  type HttpError,
  httpErrorResponse,
  RefusedError,
  type RequestFields,
} from "../protocol/http_error.ts";
import type { HttpInfo } from "../routing/router.ts";
import { type Logging, logRefusal } from "./connection_log.ts";
import { lastResponse } from "./last_response.ts";
import { sendable } from "./sendable.ts";

/**
 * Makes the response to a refused request, instead of the listener's text or JSON. The
 * counterpart of ESP-IDF's `httpd_err_handler_func_t`.
 *
 * The fields that the status requires (`Allow`, `Retry-After`, `Sec-WebSocket-Version`,
 * …) are added to the response unless it has them. An error or a rejection is logged, and
 * the client gets the listener's own response.
 *
 * @example
 * ```ts
 * import { type ErrorHandler, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const toStart: ErrorHandler = ({ url }) =>
 *   Response.redirect(new URL("/", url));
 * await using server = await serve({
 *   routes: { "/": { GET: () => new Response("start") } },
 *   errors: { 404: toStart },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/none`);
 * assertEquals(await response.text(), "start");
 * ```
 *
 * @param request has no body on the frame listener
 * @param error status, message and fields of the listener's own response
 * @param info the listener and the client's address
 * @returns a response that was not sent before, of any status from 200
 */
export type ErrorHandler = (
  request: Request,
  error: HttpError,
  info: HttpInfo,
) => Response | Promise<Response>;

/**
 * Error handlers by the status that they replace.
 *
 * @example
 * ```ts
 * import { type ErrorHandlers, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const errors: ErrorHandlers = {
 *   404: () => new Response("no such page", { status: 404 }),
 *   426: () => new Response("a WebSocket is here", { status: 426 }),
 * };
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({
 *   routes,
 *   errors,
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/ws`);
 * assertEquals(await response.text(), "a WebSocket is here");
 * ```
 */
export type ErrorHandlers = Readonly<Partial<Record<number, ErrorHandler>>>;

/** A request that may be refused. */
export interface Refusable extends HttpInfo {
  /** The request; made when it is read. */
  readonly request: Request;
  /** Its fields, for the form of the listener's own response. */
  readonly head: RequestFields;
  /** Its target or URL, for the log. */
  readonly target: string;
}

/** The parts of a service that a refusal needs. */
export interface Refusing extends Logging {
  /** See `Service.errors`. */
  readonly errors?: ErrorHandlers | undefined;
}

/**
 * Logs the refusal of a request.
 *
 * @param service what the log shows
 * @param refused the request
 * @param status the response's status
 * @param reason why it is refused
 */
export function logRefused(
  service: Logging,
  { listener, remoteAddr, target, head }: Refusable,
  status: number,
  reason: string,
): void {
  const { headers } = head;
  const request = { listener, remoteAddr, target, headers };
  logRefusal(service, request, status, reason);
}

/**
 * Makes the response of a {@linkcode RefusedError} that a handler has thrown, and logs the
 * refusal. The service's `errors` do not replace it.
 *
 * @param service what the log shows
 * @param refused the request
 * @param error any thrown value
 * @returns `undefined` for another error
 */
export function thrownRefusal(
  service: Logging,
  refused: Refusable,
  error: unknown,
): Response | undefined {
  if (!(error instanceof RefusedError)) return undefined;
  const { answer, endsConnection } = error;
  logRefused(service, refused, answer.status, answer.message);
  return endsConnection
    ? lastResponse(answer)
    : httpErrorResponse(refused.head, answer);
}

/**
 * Makes the response to a refused request, and logs the refusal.
 *
 * @param service its error handlers
 * @param refused the request
 * @param error the reason
 * @returns a promise only if an error handler returns one
 */
export function refusalResponse(
  service: Refusing,
  refused: Refusable,
  error: HttpError,
): Response | Promise<Response> {
  const { errors } = service;
  logRefused(service, refused, error.status, error.message);
  const handler = errors?.[error.status];
  const request = handler && requestOf(refused);
  if (handler === undefined || request === undefined) {
    return ownResponse(refused, error);
  }
  const { listener, remoteAddr, params } = refused;
  const fail = (cause: unknown): Response => {
    getLogger("httpd").error(
      ...line`Error handler of status ${{
        "http.response.status_code": error.status,
      }} failed:`,
      cause,
    );
    return ownResponse(refused, error);
  };
  try {
    const response = handler(request, error, { listener, remoteAddr, params });
    return response instanceof Promise
      ? response.then((response) => completed(response, error)).catch(fail)
      : completed(response, error);
  } catch (cause) {
    return fail(cause);
  }
}

/** The listener's own response. */
function ownResponse({ head }: Refusable, error: HttpError): Response {
  try {
    return httpErrorResponse(head, error);
  } catch {
    // A handler has upgraded the request by itself: its fields cannot be read.
    return new Response(null, { status: error.status });
  }
}

/** Returns no request for a method that `Request` forbids, such as TRACE. */
function requestOf(refused: Refusable): Request | undefined {
  try {
    return refused.request;
  } catch {
    return undefined;
  }
}

/** Adds the fields that the status requires. */
function completed(response: Response, error: HttpError): Response {
  sendable(response);
  const missing = Object.entries(error.headers ?? {})
    .filter(([name]) => !response.headers.has(name));
  if (missing.length === 0) return response;
  // The fields of some responses are immutable.
  const copy = new Response(response.body, response);
  for (const [name, value] of missing) copy.headers.set(name, value);
  return copy;
}
