/**
 * A handshake that is refused because it asks for it.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";

/** Statuses whose responses have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Statuses that lead elsewhere (RFC 9110 §15.4). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The fields that a status demands, or is of little use without (RFC 9110 §15). */
const FIELDS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": 'Bearer realm="ws-echo-server"' },
  405: { allow: "GET" },
  407: { "proxy-authenticate": 'Basic realm="ws-echo-server"' },
  426: { upgrade: "websocket", connection: "Upgrade" },
  429: { "retry-after": "5" },
  503: { "retry-after": "5" },
};

/**
 * Refuses, with what belongs to the status. A redirect leads to the same address
 * without `reject`, so that a client which follows it gets its connection.
 *
 * @param request the handshake
 * @param status 200 to 599
 */
export function rejection(request: Request, status: number): Response {
  if (BODILESS.has(status)) return new Response(null, { status });
  const headers = REDIRECTS.has(status)
    ? { location: withoutReject(request.url) }
    : FIELDS[status] ?? {};
  const message =
    `The address asks for this handshake to be refused with ${status}.`;
  return httpErrorResponse(request, { status, message, headers });
}

/** Path and query, which hold on any host that leads here. */
function withoutReject(address: string): string {
  const url = new URL(address);
  url.searchParams.delete("reject");
  return url.pathname + url.search;
}
