/**
 * `/info`: sends the handshake as it came, as JSON.
 *
 * @module
 */

import { maskParameter } from "../../lib/http/secret_masking.ts";
import { addressText } from "../../lib/protocol/address_text.ts";
import type { HttpInfo, MixedRoute } from "../../lib/routing/router.ts";
import type { HandshakeInfo } from "../../lib/websocket.ts";
import { headOfRequest, parseHead } from "../journal/record/head.ts";

/** A request as `/info` shows it. Secrets are masked. */
export interface RequestInfo {
  /** The listener that received it. */
  readonly listener: string;
  /** The request line; without its HTTP version on the edge listener. */
  readonly line: string;
  /** HTTP version, such as `1.1`; `null` on the edge listener, which hides it. */
  readonly httpVersion: string | null;
  /** The path and its query, by name and value. */
  readonly path: string;
  /** The query's parameters in their order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The fields in their order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /**
   * Whether line and fields are as sent. False on the edge listener: names are in lower
   * case, and the order is the runtime's.
   */
  readonly raw: boolean;
  /** The client's address; behind a proxy, the proxy's. */
  readonly remoteAddress: string;
  /** Whether the client is connected by TLS. */
  readonly tls: boolean;
  /** The subprotocol of the response, or `""`. */
  readonly protocol: string;
}

/**
 * Describes a request.
 *
 * @param request of a handshake, or of another GET
 * @param info of the handshake
 */
export function infoOf(
  request: Request,
  info: HttpInfo & Partial<Pick<HandshakeInfo, "requestHead" | "protocol">>,
): RequestInfo {
  const { requestHead, protocol = "", listener, remoteAddr } = info;
  const { line, fields, isRaw } = requestHead === undefined
    ? headOfRequest(request)
    : parseHead(requestHead);
  const url = new URL(request.url);
  return {
    listener,
    line,
    httpVersion: / HTTP\/(\d\.\d)$/.exec(line)?.[1] ?? null,
    path: url.pathname,
    query: [...url.searchParams].map(([name, value]) => [
      name,
      maskParameter(name, value),
    ]),
    fields,
    raw: isRaw,
    remoteAddress: addressText(remoteAddr),
    tls: url.protocol === "https:",
    protocol,
  };
}

/**
 * Describes a request as JSON, for a person to read.
 *
 * @param request as for {@linkcode infoOf}
 * @param info as for {@linkcode infoOf}
 */
export function infoText(
  request: Request,
  info: Parameters<typeof infoOf>[1],
): string {
  return JSON.stringify(infoOf(request, info), undefined, 2);
}

/**
 * Sends the handshake request as JSON: when the connection opens, and again for each
 * message. A plain GET is answered with the same.
 */
export const info: MixedRoute = {
  handshake: (request: Request, info: HandshakeInfo) => ({
    state: infoText(request, info),
  }),

  open: (connection) => connection.send(connection.state as string),

  frame: (connection) => connection.send(connection.state as string),

  GET: (request: Request, info: HttpInfo) =>
    new Response(`${infoText(request, info)}\n`, {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    }),
};
