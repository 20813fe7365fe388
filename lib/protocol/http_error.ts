/**
 * HTTP error responses: one sentence, as plain text or JSON.
 *
 * @module
 */

import { accepts } from "../std/http_negotiation.ts";
import { STATUS_TEXT } from "../std/http_status.ts";
import { boundedFields } from "./bounded_fields.ts";

/** Header fields: `Headers`, or any other lookup. */
export interface Fields {
  /**
   * Looks a field up.
   *
   * @param name in lower case
   * @returns its value, repeated ones joined by `, `, or null
   */
  get(name: string): string | null;
}

/** The header fields of a request. */
export interface RequestFields {
  /** The fields. */
  readonly headers: Fields;
}

/**
 * Content of an error response (RFC 9110 §15.5, §15.6).
 *
 * @example
 * ```ts
 * import { type HttpError, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const inJson = (_request: Request, { status, message }: HttpError) =>
 *   Response.json({ message }, { status });
 * await using server = await serve({
 *   routes: { "/page": { GET: () => new Response("page") } },
 *   errors: { 405: inJson },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const response = await fetch(`${server.urls.http}/page`, { method: "PUT" });
 * assertEquals(response.headers.get("allow"), "GET, HEAD");
 * assertEquals(await response.json(), {
 *   message: "This path answers to GET, HEAD.",
 * });
 * ```
 */
export interface HttpError {
  /** 4xx or 5xx. */
  readonly status: number;
  /** A sentence that says what is wrong, and what to send instead. */
  readonly message: string;
  /** Header fields that the status requires, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes the content of a response with `Retry-After` (RFC 9110 §10.2.3).
 *
 * @param status 429 (RFC 6585 §4) if the client exceeds its limit, 503 if the server is full
 * @param seconds until the client may try again
 */
export function retryLater(
  status: 429 | 503,
  message: string,
  seconds = 5,
): HttpError {
  return { status, message, headers: { "retry-after": String(seconds) } };
}

/** The error of a request whose memory is reclaimed. */
export const TOO_LITTLE_MEMORY: HttpError = retryLater(
  503,
  "The server has too little memory.",
);

/** Refuses a request. The listener logs it, and sends the response. */
export class RefusedError extends Error {
  /** The class's name. */
  override readonly name: string = "RefusedError";
  /** The response to send. */
  readonly answer: HttpError;
  /** Whether the connection ends with the response (edge listener). */
  readonly endsConnection: boolean;

  /**
   * Makes an error.
   *
   * @param answer the response to send
   * @param options `cause` and {@linkcode RefusedError.endsConnection}
   */
  constructor(
    answer: HttpError,
    options?: ErrorOptions & { readonly endsConnection?: boolean },
  ) {
    super(answer.message, options);
    this.answer = answer;
    this.endsConnection = options?.endsConnection === true;
  }
}

/**
 * Makes an error response in the format that the request's `Accept` prefers: plain text
 * (the default) or `{"status":404,"error":"Not Found","message":"…"}`.
 *
 * @returns a response with `Cache-Control: no-store`
 */
export function httpErrorResponse(
  request: RequestFields,
  error: HttpError,
): Response {
  const headers = new Headers(error.headers);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  const type = accepts(
    boundedFields(request),
    "text/plain",
    "application/json",
  );
  if (type !== "application/json") {
    headers.set("content-type", "text/plain; charset=utf-8");
  }
  const response = type === "application/json"
    ? Response.json({
      status: error.status,
      error: STATUS_TEXT[error.status],
      message: error.message,
    }, { status: error.status, headers })
    : new Response(`${error.message}\n`, { status: error.status, headers });
  MESSAGES.set(response, error.message);
  return response;
}

/** The messages of the responses, for the log. */
const MESSAGES = new WeakMap<Response, string>();

/** Returns the message of a response of {@linkcode httpErrorResponse}. */
export function errorMessage(response: Response): string | undefined {
  return MESSAGES.get(response);
}
