/**
 * The responses of the frame listener as bytes: the 101 and the refusals.
 *
 * @module
 */

import { toLatin1 } from "../protocol/latin1.ts";
import { STATUS_TEXT } from "../std/http_status.ts";
import { addSecurityFields } from "../protocol/security_fields.ts";

/** Responses with these statuses have no Content-Length (RFC 9110 §8.6). */
const UNSIZED: ReadonlySet<number> = new Set([204, 304]);

/**
 * Writes the 101 response
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}).
 *
 * The bytes are a part of a larger buffer.
 *
 * @param accept the `Sec-WebSocket-Accept`
 * @param protocol the chosen subprotocol, or `""`
 * @param extensions the `Sec-WebSocket-Extensions`, or `""`
 * @param extra the handler's own fields
 */
export function switchingProtocols(
  accept: string,
  protocol: string,
  extensions: string,
  extra: HeadersInit | undefined,
): Uint8Array<ArrayBuffer> {
  let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
  if (protocol !== "") head += `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  if (extensions !== "") head += `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  if (extra !== undefined) head += fields(new Headers(extra));
  head += "\r\n";
  const { length } = head;
  return toLatin1(head, length < MAX_SHARED ? share(length) : undefined);
}

/** Bytes of a buffer of which several 101 responses take a part each. */
const SHARED = 8 * 1024;

/** Bytes below which a response takes a part of such a buffer. */
const MAX_SHARED = 512;

let shared = new Uint8Array(SHARED);
let sharedUsed = 0;

/** Takes a part of a shared buffer: V8 allocates and frees each buffer outside of its heap. */
function share(length: number): Uint8Array<ArrayBuffer> {
  if (sharedUsed + length > SHARED) {
    shared = new Uint8Array(SHARED);
    sharedUsed = 0;
  }
  return shared.subarray(sharedUsed, sharedUsed += length);
}

/**
 * The console's page has the edge listener's port, so another origin. With this
 * field the page can find out that the port answers; without CORS fields it cannot
 * read the answer.
 */
const CORP = "cross-origin-resource-policy";

/**
 * Writes a response that ends the connection.
 *
 * @param response status, fields and body
 * @param method the request's method; HEAD gets no body (RFC 9110 §9.3.2)
 */
export async function closingResponse(
  response: Response,
  method: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  if (!headers.has(CORP)) headers.set(CORP, "cross-origin");
  addSecurityFields(headers);
  const connection = headers.get("connection");
  headers.set(
    "connection",
    connection === null ? "close" : `${connection}, close`,
  );
  if (!UNSIZED.has(response.status)) {
    headers.set("content-length", String(body.length));
  }
  headers.set("date", new Date().toUTCString());
  const reason = response.statusText || STATUS_TEXT[response.status] || "";
  const head = toLatin1(
    `HTTP/1.1 ${response.status} ${reason}\r\n${fields(headers)}\r\n`,
  );
  if (method === "HEAD") return head;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

function fields(headers: Headers): string {
  let lines = "";
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`;
  return lines;
}
