/**
 * The server's side of the opening handshake (RFC 6455 §4.2) as a pure function:
 * request head in, verdict out.
 *
 * @module
 */

import type { Fields, HttpError } from "./http_error.ts";

/** The request's head, as far as the handshake cares. */
export interface HandshakeHead {
  /** The request's method. */
  readonly method: string;
  /** The header fields; repeated ones joined by `, `. */
  readonly headers: Fields;
  /** `1.1`, or what else the request line says; unset where the listener hides it. */
  readonly httpVersion?: string;
}

/** What the service allows. */
export interface HandshakePolicy {
  /** Subprotocols of the route, in the server's order of preference. */
  readonly subprotocols: readonly string[];
  /** Origins that may connect, as browsers send them; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
}

/** What the checks found. */
export type HandshakeVerdict =
  | {
    readonly ok: true;
    /** The `Sec-WebSocket-Key`. */
    readonly key: string;
    /** Subprotocols that the client offered, in its order. */
    readonly offered: readonly string[];
    /** The chosen subprotocol, or `""`. */
    readonly protocol: string;
  }
  | { readonly ok: false; readonly error: HttpError };

/** The only version that RFC 6455 knows. */
const VERSION = "13";

/** Base64 of 16 bytes: 22 characters that carry them and the padding. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A host name or IP literal, and a port (RFC 3986 §3.2.2). */
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]+)(:\d{0,5})?$/;

/** A token of RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Sent along where a WebSocket was expected and none was asked for. */
const HOW_TO_CONNECT =
  "This path speaks WebSocket: connect to it with a WebSocket client, such as websocat or new WebSocket(url).";

/**
 * Checks a handshake request by RFC 6455 §4.2.1 and §4.2.2 and chooses the
 * subprotocol.
 *
 * @param head the request's head
 * @param policy what the route and the service allow
 * @returns the accepted key and subprotocol, or the refusal to send
 */
export function checkHandshake(
  head: HandshakeHead,
  policy: HandshakePolicy,
): HandshakeVerdict {
  const { method, headers } = head;
  if (method !== "GET") {
    return refuse(405, "A WebSocket handshake is a GET.", { allow: "GET" });
  }
  // Before the Host field, which HTTP/2 has none of (RFC 9113 §8.3.1).
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

/**
 * Whether a request asks for a WebSocket at all.
 *
 * @param headers the request's fields
 */
export function asksForWebSocket(headers: Fields): boolean {
  return hasToken(headers.get("upgrade"), "websocket");
}

/**
 * Whether a request's Host field names a host and nothing else.
 *
 * @param host the field, or null
 */
export function isHost(host: string | null): boolean {
  return host !== null && HOST.test(host);
}

/**
 * Whether a text may name a subprotocol (RFC 6455 §4.1, item 10).
 *
 * @param text the name
 */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What a request without a good Host field is told. */
export const BAD_HOST: HttpError = {
  status: 400,
  message: "The Host field is missing or malformed.",
};

/** RFC 9110 §15.5.22: a 426 names the protocol, and Upgrade is a hop's affair. */
export const UPGRADE_FIELDS = { upgrade: "websocket", connection: "Upgrade" };

/** Whether a field's list has a token, in any case of letters (RFC 9110 §7.6.1, §7.8). */
function hasToken(field: string | null, token: string): boolean {
  return field !== null &&
    elements(field).some((item) => item.toLowerCase() === token);
}

/**
 * The elements of a field's list. Spaces and tabs around them do not count (RFC
 * 9110 §5.6.3); `trim()` would take a no-break space off, too.
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
 * A field's list of different tokens; `undefined` when it is none (RFC 6455 §4.1,
 * item 10). Empty elements are ignored (RFC 9110 §5.6.1.2); a field without a
 * value is a list without elements.
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
