/**
 * The body of a request as a message to a session.
 *
 * @module
 */

import type { Body } from "../../lib/http/body.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { OutsideMessage } from "../../lib/sessions/remote_sessions.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Media types whose bodies are UTF-8 by definition (RFC 8259 §8.1, RFC 6839 §3.1). */
const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.-]+\+)?json\s*(?:;|$))/i;

/** A charset that is another name of UTF-8, or a part of it. */
const UTF8 = /^"?(?:utf-?8|us-ascii)"?$/i;

const CHARSET = /;\s*charset\s*=\s*([^;\s]+)/i;

/**
 * Whether a media type says that a body is text; all others, and none, are
 * binary.
 *
 * @param type the request's `Content-Type`, or null
 */
export function isText(type: string | null): boolean {
  return type !== null && TEXT_TYPE.test(type.trim());
}

/**
 * Makes a message of a body.
 *
 * @param type the request's `Content-Type`, or null
 * @param body all of it
 * @throws {RefusedError} a text in another charset (415), or not in UTF-8 (400)
 */
export function messageOf(type: string | null, body: Body): OutsideMessage {
  if (!isText(type)) return body.bytes;
  const charset = CHARSET.exec(type!)?.[1] ?? "utf-8";
  if (!UTF8.test(charset)) {
    throw new RefusedError({
      status: 415,
      message: "A text message is UTF-8: send it with charset=utf-8.",
    });
  }
  try {
    return decoder.decode(body.bytes);
  } catch (cause) {
    throw new RefusedError({
      status: 400,
      message: "The body is not UTF-8, as a text message has to be.",
    }, { cause });
  }
}
