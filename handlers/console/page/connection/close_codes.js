/**
 * Close codes: their meanings, and the codes that a page can send.
 *
 * @module
 */

import { utf8Length } from "../text/bytes.js";

/**
 * RFC 6455 §7.4.1 and IANA's “WebSocket Close Code Number Registry”.
 *
 * @type {Readonly<Record<number, string>>}
 */
const MEANING = {
  1000: "normal closure",
  1001: "going away: the server is shutting down",
  1002: "protocol error",
  1003: "unsupported data: the server does not accept this type of message",
  1005: "no status: the CLOSE frame had no code",
  1006:
    "abnormal closure: the connection ended without a CLOSE frame, or the browser failed it for a protocol error",
  1007: "invalid payload, for example text that is not UTF-8",
  1008: "policy violation",
  1009: "message too big",
  1010: "mandatory extension missing",
  1011: "internal error",
  1012: "service restart",
  1013: "try again later: the server is overloaded",
  1014: "bad gateway",
  1015: "TLS handshake failed",
};

/**
 * Returns the meaning of a close code.
 *
 * @param {number} code
 * @returns {string}
 */
export function meaningOf(code) {
  const meaning = MEANING[code];
  if (meaning !== undefined) return meaning;
  if (code >= 4000 && code < 5000) return "private use by an application";
  if (code >= 3000) return "registered for a library or framework";
  return "reserved";
}

/**
 * Describes how a connection ended.
 *
 * @param {{ code: number, reason: string, wasClean: boolean }} event
 * @returns {string}
 */
export function describeClose({ code, reason, wasClean }) {
  const quoted = reason === "" ? "" : ` “${reason}”`;
  const unclean = wasClean ? "" : ", not clean";
  return `Closed with ${code}${quoted}${unclean}: ${meaningOf(code)}`;
}

/**
 * Checks a close code and a reason; browsers limit the codes that a page can send.
 *
 * @param {string} code
 * @param {string} reason
 * @returns {{ code: number, reason: string }}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseClose(code, reason) {
  const value = Number(code);
  if (
    value !== 1000 &&
    !(/^\d{4}$/.test(code.trim()) && value >= 3000 && value < 5000)
  ) {
    throw new SyntaxError(
      "The close code must be 1000, or a number from 3000 to 4999.",
    );
  }
  const length = utf8Length(reason);
  if (length > 123) {
    throw new SyntaxError(
      `The reason must be at most 123 bytes of UTF-8; it has ${length}.`,
    );
  }
  return { code: value, reason };
}
