/**
 * The client's side of the opening handshake (RFC 6455 §4.1) as pure functions:
 * write the request, parse the response, check the response.
 *
 * @module
 */

import { acceptKey } from "../frame/codec/accept.ts";
import { parseExtensions } from "../frame/codec/extensions.ts";

/**
 * A handshake request.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, type HandshakeRequest } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const { url, key }: HandshakeRequest = client.handshake.request;
 * assertEquals(url.pathname, "/ws");
 * assertEquals(atob(key).length, 16);
 * ```
 */
export interface HandshakeRequest {
  /** The server's address: `ws:` or `wss:`. */
  readonly url: URL;
  /** Value of the `Sec-WebSocket-Key` field: 16 bytes in base64 (RFC 6455 §4.1). */
  readonly key: string;
  /** Subprotocols to offer, in order of preference. */
  readonly subprotocols?: readonly string[];
  /** Value of the `Sec-WebSocket-Extensions` field. */
  readonly extensions?: string;
  /**
   * Further header fields, in order. A field replaces the handshake's field of the
   * same name; an empty value removes it.
   */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/**
 * The status line and header fields of a response.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connectUnchecked, type ResponseHead } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * await using client = await connectUnchecked(`${server.urls.frame}/none`);
 * const { status, statusText }: ResponseHead = client.handshake.response;
 * assertEquals(`${status} ${statusText}`, "404 Not Found");
 * ```
 */
export interface ResponseHead {
  /** The version after `HTTP/`, such as `1.1`. */
  readonly httpVersion: string;
  /** The status code. */
  readonly status: number;
  /** The reason phrase, or `""`. */
  readonly statusText: string;
  /** The header fields as received. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/**
 * A rule that a response violates.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connectUnchecked, type HandshakeFault } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ section }: HandshakeFault) => `RFC 6455 §${section}`;
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * await using client = await connectUnchecked(`${server.urls.frame}/none`);
 * assertEquals(client.handshake.faults.map(lineOf), ["RFC 6455 §4.1"]);
 * ```
 */
export interface HandshakeFault {
  /** The section of RFC 6455, such as `4.1`. */
  readonly section: string;
  /** A short description. */
  readonly message: string;
}

/**
 * A handshake: request, response, faults and times.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, type Handshake } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const { responseBytes, faults, times }: Handshake = client.handshake;
 * const [statusLine] = new TextDecoder().decode(responseBytes).split("\r\n");
 * assertEquals(statusLine, "HTTP/1.1 101 Switching Protocols");
 * assertEquals([faults, times.tls], [[], undefined]);
 * ```
 */
export interface Handshake {
  /** The request. */
  readonly request: HandshakeRequest;
  /** The response. */
  readonly response: ResponseHead;
  /** The rules that the response violates; empty if the WebSocket is open. */
  readonly faults: readonly HandshakeFault[];
  /** The request as sent. */
  readonly requestBytes: Uint8Array<ArrayBuffer>;
  /** The head of the response as received, with its empty line. */
  readonly responseBytes: Uint8Array<ArrayBuffer>;
  /** The duration of each phase in milliseconds. */
  readonly times: {
    /** Name resolution and TCP. */
    readonly tcp: number;
    /** TLS; `undefined` without TLS. */
    readonly tls: number | undefined;
    /** From the request to the head of the response. */
    readonly response: number;
  };
}

/** Makes a `Sec-WebSocket-Key`: 16 random bytes in base64. */
export function handshakeKey(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64();
}

/**
 * Writes the head of the request.
 *
 * @param request to write
 */
export function writeRequest(request: HandshakeRequest): string {
  const { url, key, subprotocols = [], extensions = "" } = request;
  const defaults: Record<string, string> = {
    "Host": url.host,
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": key,
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": subprotocols.join(", "),
    "Sec-WebSocket-Extensions": extensions,
  };
  const further = request.headers ?? [];
  const replaced = new Set(further.map(([name]) => name.toLowerCase()));
  const fields = [
    ...Object.entries(defaults).filter(([name]) =>
      !replaced.has(name.toLowerCase())
    ),
    ...further,
  ].filter(([, value]) => value !== "");
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n");
}

const STATUS_LINE = /^HTTP\/(\d\.\d) (\d{3})(?: ([^\r\n]*))?$/;

/**
 * Parses the head of a response.
 *
 * @param text the head as Latin-1, without the empty line
 * @returns `undefined` if it is not HTTP/1
 */
export function parseResponse(text: string): ResponseHead | undefined {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const parts = STATUS_LINE.exec(statusLine);
  if (parts === null) return undefined;
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) return undefined;
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  const [, httpVersion, status, statusText = ""] = parts;
  return {
    httpVersion: httpVersion!,
    status: Number(status),
    statusText,
    fields,
  };
}

/**
 * Returns a header field of a response.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, field } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * const { response } = client.handshake;
 * assertEquals(field(response, "Upgrade"), "websocket");
 * assertEquals(field(response, "Sec-WebSocket-Protocol"), undefined);
 * ```
 *
 * @param head of the response
 * @param name case-insensitive
 * @returns the value, repeated fields joined by `, `; or `undefined`
 */
export function field(head: ResponseHead, name: string): string | undefined {
  const values = head.fields
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/**
 * Checks a response by the rules of RFC 6455 §4.1.
 *
 * @param head of the response
 * @param request of the same handshake
 * @returns the violated rules; empty if the WebSocket is open
 */
export function checkResponse(
  head: ResponseHead,
  request: HandshakeRequest,
): HandshakeFault[] {
  const faults: HandshakeFault[] = [];
  const fault = (message: string, section = "4.1") =>
    faults.push({ section, message });
  if (head.status !== 101) {
    fault(`status ${head.status} instead of 101`);
    return faults;
  }
  if (head.httpVersion !== "1.1") fault(`HTTP/${head.httpVersion} with a 101`);
  const upgrade = field(head, "upgrade");
  if (upgrade?.toLowerCase() !== "websocket") {
    fault(`Upgrade is ${quoted(upgrade)}, not websocket`);
  }
  const connection = field(head, "connection");
  if (!tokens(connection).includes("upgrade")) {
    fault(`Connection is ${quoted(connection)}, without upgrade`);
  }
  const accept = field(head, "sec-websocket-accept");
  const expected = acceptKey(request.key);
  if (accept !== expected) {
    fault(
      `Sec-WebSocket-Accept is ${quoted(accept)}, not ${expected}`,
      "4.2.2",
    );
  }
  const protocol = field(head, "sec-websocket-protocol");
  if (protocol !== undefined && !request.subprotocols?.includes(protocol)) {
    fault(`the subprotocol ${quoted(protocol)} was not offered`);
  }
  for (const name of unofferedExtensions(head, request)) {
    fault(`the extension ${quoted(name)} was not offered`, "9.1");
  }
  return faults;
}

/** Returns the extensions that were not offered; a malformed list counts as one. */
function unofferedExtensions(
  head: ResponseHead,
  request: HandshakeRequest,
): string[] {
  const answer = field(head, "sec-websocket-extensions") ?? null;
  const negotiated = parseExtensions(answer);
  if (negotiated === undefined) return [answer!];
  const offered = parseExtensions(request.extensions ?? null) ?? [];
  const names = new Set(offered.map(({ name }) => name));
  return negotiated.map(({ name }) => name).filter((name) => !names.has(name));
}

function tokens(value: string | undefined): string[] {
  return (value ?? "").split(",").map((item) => item.trim().toLowerCase());
}

function quoted(value: string | undefined): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
