/**
 * Parses the head of a request
 * ({@link https://www.rfc-editor.org/rfc/rfc9112#section-2 | RFC 9112 §2} to
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-5 | §5}). Heads that two parsers could
 * read differently are refused.
 *
 * @module
 */

import type { Fields, HttpError } from "../../protocol/http_error.ts";
import { originForm } from "../../protocol/request_target.ts";

/** Bytes of a request head at most. */
export const MAX_HEAD = 16 * 1024;

/** Fields of a request head at most. */
export const MAX_FIELDS = 100;

/** A request head. */
export interface RequestHead {
  /** The whole head as it was received, in Latin-1. */
  readonly text: string;
  /** The method, as it was sent. */
  readonly method: string;
  /** The path and query, beginning with `/`. */
  readonly target: string;
  /** The version without `HTTP/`, such as `1.1`. */
  readonly httpVersion: string;
  /** The fields; repeated ones are joined by `, `. */
  readonly headers: Fields & Iterable<[string, string]>;
}

/** The outcome of {@linkcode parseHead}. */
export type ParsedHead =
  | {
    readonly ok: true;
    /** The head. */
    readonly head: RequestHead;
  }
  | {
    readonly ok: false;
    /** The refusal to send. */
    readonly error: HttpError;
  };

const CR = 0x0d;
const LF = 0x0a;

/**
 * Finds the end of a head.
 *
 * @param bytes holds the bytes that have arrived, at its front
 * @param from the number of bytes that were searched before
 * @param end the number of bytes that have arrived; unset: all
 * @returns the index after the empty line, or -1
 */
export function findHeadEnd(
  bytes: Uint8Array,
  from: number,
  end: number = bytes.length,
): number {
  for (let at = Math.max(from - 3, 0); at + 3 < end; at++) {
    if (
      bytes[at] === CR && bytes[at + 1] === LF &&
      bytes[at + 2] === CR && bytes[at + 3] === LF
    ) {
      return at + 4;
    }
  }
  return -1;
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/(\d\.\d)$/;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Control characters other than a tab: no field value may have them. */
// deno-lint-ignore no-control-regex -- it finds control characters
const CONTROL_CHARACTER = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The connection preface of HTTP/2 begins with this request line (RFC 9113 §3.4). */
const HTTP2_PREFACE = "PRI * HTTP/2.0";

/** Fields that may not be repeated. */
const SINGLE = ["host", "sec-websocket-key", "sec-websocket-version"];

/**
 * Parses a head.
 *
 * @param text the head as Latin-1 text, with or without its last empty line
 * @returns the head, or a 400, 431 or 505 that names the fault
 */
export function parseHead(text: string): ParsedHead {
  const lines = withoutEmptyLines(text).split("\r\n");
  if (lines.length - 1 > MAX_FIELDS) {
    return refuse(431, `The request has more than ${MAX_FIELDS} fields.`);
  }
  const requestLine = lines[0]!;
  const parts = REQUEST_LINE.exec(requestLine);
  if (parts === null) return refuse(400, "The request line is malformed.");
  if (requestLine === HTTP2_PREFACE) {
    return refuse(505, "This port speaks HTTP/1.1, not HTTP/2.");
  }
  const target = targetOf(parts[2]!);
  if (target === undefined) {
    return refuse(400, "The request target is neither a path nor an http URL.");
  }
  const headers = new FieldMap();
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = trimBlanks(line, colon + 1);
    if (!TOKEN.test(name) || CONTROL_CHARACTER.test(value)) {
      return refuse(400, "A header field is malformed.");
    }
    const before = headers.get(name);
    if (before === null) headers.set(name, value);
    else if (SINGLE.includes(name)) {
      return refuse(400, `The ${name} field is repeated.`);
    } else headers.set(name, `${before}, ${value}`);
  }
  return {
    ok: true,
    head: { text, method: parts[1]!, target, httpVersion: parts[3]!, headers },
  };
}

/** Removes the empty lines in front of a head (RFC 9112 §2.2), and the one after it. */
function withoutEmptyLines(text: string): string {
  let start = 0;
  while (text.startsWith("\r\n", start)) start += 2;
  let end = text.length;
  for (let ends = 0; ends < 2 && text.endsWith("\r\n", end); ends++) end -= 2;
  return text.slice(start, end);
}

/**
 * Whether a request has a body (RFC 9112 §6.3).
 *
 * @param headers the request's fields
 */
export function hasBody(headers: Fields): boolean {
  return headers.get("transfer-encoding") !== null ||
    (headers.get("content-length") ?? "0") !== "0";
}

/** The path and query of a request target; a target is visible ASCII (RFC 9112 §3.2). */
function targetOf(target: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(target)) return undefined;
  if (!target.startsWith("/") && !URL.canParse(target)) return undefined;
  return originForm(target);
}

/** Header fields; cheaper than `Headers`. */
class FieldMap implements Fields, Iterable<[string, string]> {
  readonly #values = new Map<string, string>();

  get(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#values[Symbol.iterator]();
  }
}

/** The rest of a line without the spaces and tabs around it. */
function trimBlanks(line: string, start: number): string {
  let end = line.length;
  while (start < end && isBlank(line, start)) start++;
  while (end > start && isBlank(line, end - 1)) end--;
  return line.slice(start, end);
}

function isBlank(line: string, at: number): boolean {
  const character = line.charCodeAt(at);
  return character === 0x20 || character === 0x09;
}

function refuse(status: number, message: string): ParsedHead {
  return { ok: false, error: { status, message } };
}
