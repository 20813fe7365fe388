/**
 * Closing codes: which a page may send, and what those that it gets mean.
 *
 * @module
 */

import { utf8Length } from "../text/bytes.js";

/**
 * RFC 6455 §7.4.1 and the registry of IANA.
 *
 * @type {Readonly<Record<number, string>>}
 */
const MEANING = {
  1000: "normal closure",
  1001: "going away: the peer is shutting down or left the page",
  1002: "protocol error",
  1003: "a kind of data that the peer does not take",
  1005: "no code: the CLOSE frame was empty",
  1006:
    "no CLOSE frame came: the connection was cut, or the browser ended it for a protocol error",
  1007: "data that does not fit its kind, such as text that is not UTF-8",
  1008: "against a policy of the peer",
  1009: "a message that is too big for the peer",
  1010: "an extension is missing",
  1011: "an error inside the peer",
  1012: "the peer restarts",
  1013: "the peer is too busy; try again later",
  1014: "a gateway got a bad answer",
  1015: "TLS failed",
};

/**
 * A code in words.
 *
 * @param {number} code
 * @returns {string}
 */
export function meaningOf(code) {
  const meaning = MEANING[code];
  if (meaning !== undefined) return meaning;
  if (code >= 4000 && code < 5000) return "an application's own code";
  if (code >= 3000) return "a code registered for a library or framework";
  return "a reserved code";
}

/**
 * How a connection ended, in words.
 *
 * @param {{ code: number, reason: string, wasClean: boolean }} event
 * @returns {string}
 */
export function describeClose({ code, reason, wasClean }) {
  const quoted = reason === "" ? "" : ` “${reason}”`;
  const manner = wasClean ? "" : ", not clean";
  return `Closed with ${code}${quoted}${manner}: ${meaningOf(code)}`;
}

/**
 * Reads what to close with; a browser lets its pages send only these codes.
 *
 * @param {string} code
 * @param {string} reason
 * @returns {{ code: number, reason: string }}
 * @throws {SyntaxError} says in a sentence what is wrong
 */
export function parseClose(code, reason) {
  const value = Number(code);
  if (
    value !== 1000 &&
    !(/^\d{4}$/.test(code.trim()) && value >= 3000 && value < 5000)
  ) {
    throw new SyntaxError(
      "A page may close with 1000, or a code from 3000 to 4999.",
    );
  }
  const length = utf8Length(reason);
  if (length > 123) {
    throw new SyntaxError(
      `A reason has at most 123 bytes of UTF-8; this one has ${length}.`,
    );
  }
  return { code: value, reason };
}
