/**
 * The client's side of the opening handshake (RFC 6455 §4.1) as pure functions:
 * the request to write, the response read, and what is wrong with it.
 *
 * @module
 */

import { acceptKey } from "../frame/codec/accept.ts";
import { parseExtensions } from "../frame/codec/extensions.ts";

/** What a client asks for. */
export interface HandshakeRequest {
  /** Where to: `ws:` or `wss:`. */
  readonly url: URL;
  /** The `Sec-WebSocket-Key`. */
  readonly key: string;
  /** Subprotocols to offer, in the order of preference. */
  readonly subprotocols?: readonly string[];
  /** The `Sec-WebSocket-Extensions` to offer. */
  readonly extensions?: string;
  /**
   * Further fields, in their order; one with the name of a field of the
   * handshake stands in its place, an empty value leaves it out.
   */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** A response's head. */
export interface ResponseHead {
  /** `1.1`, or what else it says behind `HTTP/`. */
  readonly httpVersion: string;
  /** The status code. */
  readonly status: number;
  /** The reason phrase, or `""`. */
  readonly statusText: string;
  /** The fields as they came. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** What a response breaks. */
export interface HandshakeFault {
  /** Section of RFC 6455. */
  readonly section: string;
  /** A few words. */
  readonly message: string;
}

/** What came of a handshake. */
export interface Handshake {
  /** What was asked for. */
  readonly request: HandshakeRequest;
  /** What was answered. */
  readonly response: ResponseHead;
  /** What is wrong with the answer; empty: the connection is a WebSocket. */
  readonly faults: readonly HandshakeFault[];
  /** Milliseconds that each part took. */
  readonly times: {
    /** TCP, the look-up of the name included. */
    readonly tcp: number;
    /** TLS, where there is any. */
    readonly tls: number | undefined;
    /** From the request to the response's head. */
    readonly response: number;
  };
}

/** A new `Sec-WebSocket-Key`: 16 random bytes in base64. */
export function handshakeKey(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64();
}

/**
 * Writes the request's head.
 *
 * @param request what to ask for
 */
export function writeRequest(request: HandshakeRequest): string {
  const { url, key, subprotocols = [], extensions = "" } = request;
  const own: Record<string, string> = {
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
    ...Object.entries(own).filter(([name]) =>
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
 * Reads a response's head.
 *
 * @param text the head as Latin-1 text, without its last empty line
 * @returns `undefined` where it is none of HTTP/1
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
 * A field of a response.
 *
 * @param head the response's
 * @param name in any case of letters
 * @returns its value, repeated ones joined by `, `, or `undefined`
 */
export function field(head: ResponseHead, name: string): string | undefined {
  const values = head.fields
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/**
 * Holds a 101 response to RFC 6455 §4.1: all that a client has to refuse.
 *
 * @param head the response's
 * @param request what was asked for
 * @returns nothing where the connection is a WebSocket now
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
    fault(`Upgrade is ${shown(upgrade)}, not websocket`);
  }
  const connection = field(head, "connection");
  if (!tokens(connection).includes("upgrade")) {
    fault(`Connection is ${shown(connection)}, without upgrade`);
  }
  const accept = field(head, "sec-websocket-accept");
  const expected = acceptKey(request.key);
  if (accept !== expected) {
    fault(`Sec-WebSocket-Accept is ${shown(accept)}, not ${expected}`, "4.2.2");
  }
  const protocol = field(head, "sec-websocket-protocol");
  if (protocol !== undefined && !request.subprotocols?.includes(protocol)) {
    fault(`the subprotocol ${shown(protocol)} was not offered`);
  }
  for (const name of foreignExtensions(head, request)) {
    fault(`the extension ${shown(name)} was not offered`, "9.1");
  }
  return faults;
}

/** Extensions in the answer that were not offered; a malformed list is one. */
function foreignExtensions(
  head: ResponseHead,
  request: HandshakeRequest,
): string[] {
  const answer = field(head, "sec-websocket-extensions") ?? null;
  const agreed = parseExtensions(answer);
  if (agreed === undefined) return [answer!];
  const offered = parseExtensions(request.extensions ?? null) ?? [];
  const names = new Set(offered.map(({ name }) => name));
  return agreed.map(({ name }) => name).filter((name) => !names.has(name));
}

function tokens(value: string | undefined): string[] {
  return (value ?? "").split(",").map((item) => item.trim().toLowerCase());
}

function shown(value: string | undefined): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
