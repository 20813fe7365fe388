/**
 * Close codes (RFC 6455 §7.4) and the payload of a CLOSE frame (§5.5.1).
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import { InvalidPayloadError } from "./errors.ts";

/** Close codes by name (RFC 6455 §7.4.1). */
export const CLOSE_CODE = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** The server is going down. */
  goingAway: 1001,
  /** The peer violated RFC 6455. */
  protocolError: 1002,
  /** Reported for a CLOSE without a code; never sent. */
  noStatus: 1005,
  /** Reported for a connection that ended without CLOSE; never sent. */
  abnormal: 1006,
  /** A payload does not match its type, such as text that is not UTF-8. */
  invalidPayload: 1007,
  /** The client violated a limit of this service. */
  policyViolation: 1008,
  /** A message exceeds the size limit. */
  tooBig: 1009,
  /** The server had an unexpected error. */
  internalError: 1011,
  /** The server restarts; the client may connect again (IANA registry). */
  serviceRestart: 1012,
  /** The server is overloaded (IANA registry). */
  tryAgainLater: 1013,
} as const;

/** Bytes of a close reason at most: 125 of a control frame minus 2 of the code. */
export const MAX_REASON_BYTES = 123;

/**
 * Returns whether a code may be sent in a CLOSE frame (RFC 6455 §7.4.1 and §7.4.2; the
 * IANA registry added 1012 to 1014).
 *
 * @param code a number of two bytes
 * @returns false for reserved, unassigned and out-of-range codes
 */
export function isCloseCodeAllowed(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 &&
    code !== 1006) ||
    (code >= 3000 && code <= 4999);
}

const encoder = new TextEncoder();

/**
 * Encodes the payload of a CLOSE frame.
 *
 * @param code the close code; `undefined` for an empty payload
 * @param reason text for the log of the remote end
 * @returns at most 125 bytes
 * @throws {InvalidPayloadError} a code that may not be sent, a reason without a
 * code, or a reason over {@linkcode MAX_REASON_BYTES}
 * @throws {TypeError} a code that is no number, or a reason that is no string
 */
export function encodeClose(
  code?: number,
  reason = "",
): Uint8Array<ArrayBuffer> {
  if (typeof reason !== "string") {
    throw wrongArgument("reason", "a string", reason);
  }
  if (code === undefined) {
    if (reason !== "") {
      throw new InvalidPayloadError("a close reason needs a close code");
    }
    return new Uint8Array(0);
  }
  if (typeof code !== "number") {
    throw wrongArgument("code", "a number", code);
  }
  if (!Number.isInteger(code) || !isCloseCodeAllowed(code)) {
    throw new InvalidPayloadError(`close code ${code} may not be sent`);
  }
  const text = encoder.encode(reason);
  if (text.length > MAX_REASON_BYTES) {
    throw new InvalidPayloadError(
      `a close reason has at most ${MAX_REASON_BYTES} bytes, not ${text.length}`,
    );
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  payload.set(text, 2);
  return payload;
}

const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

/**
 * Decodes the payload of a CLOSE frame that is to be sent.
 *
 * @param payload empty, or a code and a reason
 * @returns the code, `undefined` for an empty payload, and the reason
 * @throws {InvalidPayloadError} one byte, a code that may not be sent, or a
 * reason that is not UTF-8
 */
export function decodeClose(
  payload: Uint8Array,
): { code: number | undefined; reason: string } {
  if (payload.length === 0) return { code: undefined, reason: "" };
  if (payload.length === 1) {
    throw new InvalidPayloadError(
      "a CLOSE payload of one byte is too short for a close code",
    );
  }
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isCloseCodeAllowed(code)) {
    throw new InvalidPayloadError(`close code ${code} may not be sent`);
  }
  try {
    return { code, reason: strictDecoder.decode(payload.subarray(2)) };
  } catch {
    throw new InvalidPayloadError("the bytes of a text are not UTF-8");
  }
}
