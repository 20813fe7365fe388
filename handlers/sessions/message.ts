/**
 * Makes a WebSocket message of a request's body.
 *
 * @module
 */

import type { Body } from "../../lib/http/body.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { SessionMessage } from "../../lib/sessions/remote_sessions.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text, or JSON, which is always UTF-8 (RFC 8259 §8.1, RFC 6839 §3.1). */
const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.-]+\+)?json\s*(?:;|$))/i;

/** Names of UTF-8 and of its subset ASCII. */
const UTF8 = /^"?(?:utf-?8|us-ascii)"?$/i;

const CHARSET = /;\s*charset\s*=\s*([^;\s]+)/i;

function isText(type: string | null): boolean {
  return type !== null && TEXT_TYPE.test(type.trim());
}

/**
 * Makes a text message of a text or JSON body, and a binary message of any other.
 *
 * @param type the request's `Content-Type`, or null
 * @param body the complete body
 * @throws {RefusedError} 415 for a text in another charset, 400 for invalid UTF-8
 */
export function messageOf(type: string | null, body: Body): SessionMessage {
  if (!isText(type)) return body.bytes;
  const charset = CHARSET.exec(type!)?.[1] ?? "utf-8";
  if (!UTF8.test(charset)) {
    throw new RefusedError({
      status: 415,
      message: "A text message must be UTF-8: use charset=utf-8.",
    });
  }
  try {
    return decoder.decode(body.bytes);
  } catch (cause) {
    throw new RefusedError({
      status: 400,
      message: "A text message must be UTF-8, and the body is not.",
    }, { cause });
  }
}
