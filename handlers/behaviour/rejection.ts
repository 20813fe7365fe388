/**
 * The refusal that `reject` requests.
 *
 * @module
 */

import { UPGRADE_FIELDS } from "../../lib/protocol/handshake.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import { NO_CONTENT } from "../http/no_content.ts";

/** Redirects (RFC 9110 §15.4). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

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
 * Makes a response with a status and its usual fields. A redirect leads to the same
 * address without `reject`, so that a client that follows it gets a connection.
 *
 * @param request the handshake request
 * @param status 200 to 599
 */
export function rejection(request: Request, status: number): Response {
  if (NO_CONTENT.has(status)) return new Response(null, { status });
  const headers = REDIRECTS.has(status)
    ? { location: withoutReject(request.url) }
    : FIELDS[status] ?? {};
  const message = `The query requests a refusal with ${status}.`;
  return httpErrorResponse(request, { status, message, headers });
}

/** Returns path and query only: a proxy may serve another host name. */
function withoutReject(address: string): string {
  const url = new URL(address);
  url.searchParams.delete("reject");
  return url.pathname + url.search;
}
