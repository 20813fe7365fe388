/**
 * Refusals as HTTP responses: one sentence, as text or JSON.
 *
 * @module
 */

// @ts-types="../std/http_negotiation.d.ts"
import { accepts } from "@std/http/negotiation";
// @ts-types="../std/http_status.d.ts"
import { STATUS_TEXT } from "@std/http/status";
import { boundedFields } from "./bounded_fields.ts";

/** Header fields to look up: `Headers`, or less. */
export interface Fields {
  /**
   * Looks a field up.
   *
   * @param name in lower case
   * @returns its value, repeated ones joined by `, `, or null
   */
  get(name: string): string | null;
}

/** A refusal before it is written out. */
export interface HttpError {
  /** 4xx or 5xx. */
  readonly status: number;
  /** A sentence that says what was wrong and what would be right. */
  readonly message: string;
  /** Fields that the status asks for, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Writes a refusal in the form that the request's `Accept` prefers: plain text
 * (the default) or `{"status":404,"error":"Not Found","message":"…"}`.
 *
 * @param request whose `Accept` field decides
 * @param error what to say
 * @returns the response, never cached
 */
export function httpErrorResponse(
  request: { readonly headers: Fields },
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
  if (type === "application/json") {
    return Response.json({
      status: error.status,
      error: STATUS_TEXT[error.status],
      message: error.message,
    }, { status: error.status, headers });
  }
  headers.set("content-type", "text/plain; charset=utf-8");
  return new Response(`${error.message}\n`, { status: error.status, headers });
}
