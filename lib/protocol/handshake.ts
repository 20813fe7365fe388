/**
 * The server's checks of the opening handshake (RFC 6455 §4.2), as a pure function of the
 * request head.
 *
 * @module
 */

import type { Fields, HttpError } from "./http_error.ts";

/** The parts of a request head that the handshake needs. */
export interface HandshakeHead {
  /** The request's method. */
  readonly method: string;
  /** The header fields; repeated ones joined by `, `. */
  readonly headers: Fields;
  /** HTTP version of the request line, such as `1.1`; unset if the listener hides it. */
  readonly httpVersion?: string;
}

/** Subprotocols and origins that are allowed. */
export interface HandshakePolicy {
  /** Subprotocols of the route, in the server's order of preference. */
  readonly subprotocols: readonly string[];
  /** Allowed values of `Origin`; `undefined`: all. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
}

/** The result of {@linkcode checkHandshake}. */
export type HandshakeVerdict =
  | {
    readonly ok: true;
    /** The `Sec-WebSocket-Key`. */
    readonly key: string;
    /** Subprotocols that the client offers, in its order. */
    readonly offered: readonly string[];
    /** The chosen subprotocol, or `""`. */
    readonly protocol: string;
  }
  | { readonly ok: false; readonly error: HttpError };

/** The version of RFC 6455. */
const VERSION = "13";

/** Base64 of 16 bytes: 22 characters and the padding. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A host name or IP literal, and a port (RFC 3986 §3.2.2). */
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]+)(:\d{0,5})?$/;

/** A token of RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Message for a request without `Upgrade: websocket`. */
const HOW_TO_CONNECT =
  "This path speaks WebSocket: connect to it with a WebSocket client, such as websocat or new WebSocket(url).";

/**
 * Checks a handshake request (RFC 6455 §4.2.1 and §4.2.2), and selects the subprotocol.
 *
 * @returns the key and the subprotocol, or the error response to send
 */
export function checkHandshake(
  head: HandshakeHead,
  policy: HandshakePolicy,
): HandshakeVerdict {
  const { method, headers } = head;
  if (method !== "GET") {
    return refuse(405, "A WebSocket handshake is a GET.", { allow: "GET" });
  }
  // Before the Host field, which HTTP/2 requests may lack (RFC 9113 §8.3.1).
  if (!asksForWebSocket(headers)) {
    return refuse(426, HOW_TO_CONNECT, UPGRADE_FIELDS);
  }
  if (head.httpVersion !== undefined && head.httpVersion !== "1.1") {
    return refuse(505, "A WebSocket handshake needs HTTP/1.1.");
  }
  if (!isHost(headers.get("host"))) return { ok: false, error: BAD_HOST };
  if (!hasToken(headers.get("connection"), "upgrade")) {
    return refuse(400, 'The Connection field lacks the token "Upgrade".');
  }
  if (headers.get("sec-websocket-version") !== VERSION) {
    return refuse(
      426,
      `This server speaks version ${VERSION} of the protocol.`,
      {
        ...UPGRADE_FIELDS,
        "sec-websocket-version": VERSION,
      },
    );
  }
  const key = headers.get("sec-websocket-key");
  if (key === null || !KEY.test(key)) {
    return refuse(400, "Sec-WebSocket-Key is not the base64 form of 16 bytes.");
  }
  const origin = headers.get("origin");
  if (origin !== null && policy.allowedOrigins?.has(origin) === false) {
    return refuse(403, "This origin is not allowed to connect.");
  }
  const offered = tokens(headers.get("sec-websocket-protocol"));
  if (offered === undefined) {
    return refuse(
      400,
      "Sec-WebSocket-Protocol is not a list of different tokens.",
    );
  }
  const protocol = policy.subprotocols.find((name) => offered.includes(name));
  return { ok: true, key, offered, protocol: protocol ?? "" };
}

/** Returns whether a request has `Upgrade: websocket`. */
export function asksForWebSocket(headers: Fields): boolean {
  return hasToken(headers.get("upgrade"), "websocket");
}

/** Returns whether a Host field is a host with an optional port. */
export function isHost(host: string | null): boolean {
  return host !== null && HOST.test(host);
}

/**
 * Returns whether a text is a token, such as the name of a subprotocol (RFC 6455 §4.1,
 * item 10).
 */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The response to a request without a valid Host field. */
export const BAD_HOST: HttpError = {
  status: 400,
  message: "The Host field is missing or malformed.",
};

/** Fields of a 426 (RFC 9110 §15.5.22); Upgrade is hop-by-hop (RFC 9110 §7.8). */
export const UPGRADE_FIELDS = { upgrade: "websocket", connection: "Upgrade" };

/** Returns whether a list has a token, case-insensitively (RFC 9110 §7.6.1, §7.8). */
function hasToken(field: string | null, token: string): boolean {
  return field !== null &&
    elements(field).some((item) => item.toLowerCase() === token);
}

/**
 * Splits a list into elements without surrounding spaces and tabs (RFC 9110 §5.6.3);
 * `trim()` would remove a no-break space, too.
 */
function elements(field: string): string[] {
  return field.split(",").map((item) => {
    let start = 0;
    let end = item.length;
    while (start < end && isSpace(item[start])) start++;
    while (start < end && isSpace(item[end - 1])) end--;
    return item.slice(start, end);
  });
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/**
 * Parses a list of different tokens (RFC 6455 §4.1, item 10); `undefined` if it is
 * invalid. Empty elements are ignored (RFC 9110 §5.6.1.2); an empty field is an empty
 * list.
 */
function tokens(field: string | null): string[] | undefined {
  if (field === null || field.trim() === "") return [];
  const items = elements(field).filter(Boolean);
  const wellFormed = items.length > 0 &&
    items.every(isToken) &&
    new Set(items).size === items.length;
  return wellFormed ? items : undefined;
}

function refuse(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HandshakeVerdict {
  return { ok: false, error: { status, message, headers } };
}
