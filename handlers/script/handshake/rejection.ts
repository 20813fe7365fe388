/**
 * Refusals and redirects with the usual fields of their status.
 *
 * @module
 */

import { UPGRADE_FIELDS } from "../../../lib/protocol/handshake.ts";
import { httpErrorResponse } from "../../../lib/protocol/http_error.ts";
import { NO_CONTENT } from "../../http/no_content.ts";

/** Fields that a status requires or usually has (RFC 9110 §15). */
const FIELDS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": 'Bearer realm="ws-echo-server"' },
  405: { allow: "GET" },
  407: { "proxy-authenticate": 'Basic realm="ws-echo-server"' },
  426: UPGRADE_FIELDS,
  429: { "retry-after": "5" },
  503: { "retry-after": "5" },
};

/**
 * Makes a response with a status and its usual fields.
 *
 * @param request the handshake request
 * @param status 200 to 599
 * @param message the body's sentence
 */
export function rejection(
  request: Request,
  status: number,
  message = `The request asks for a refusal with ${status}.`,
): Response {
  if (NO_CONTENT.has(status)) return new Response(null, { status });
  const headers = FIELDS[status] ?? {};
  return httpErrorResponse(request, { status, message, headers });
}

/**
 * Makes a redirect.
 *
 * @param request the handshake request
 * @param location where to; a path, since a proxy may serve another host name
 * @param status 301, 302, 303, 307 or 308
 */
export function redirection(
  request: Request,
  location: string,
  status: number,
): Response {
  const message = `The request asks for a redirect with ${status}.`;
  const headers = { location };
  return httpErrorResponse(request, { status, message, headers });
}

/** Statuses of a redirect (RFC 9110 §15.4). */
export const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
