/**
 * Close codes (RFC 6455 §7.4) and the payload of a CLOSE frame (§5.5.1).
 *
 * @module
 */

import { InvalidPayloadError } from "./errors.ts";

/** The codes that this service uses or names. */
export const CLOSE_CODE = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** The server is going down. */
  goingAway: 1001,
  /** The peer broke a rule of RFC 6455. */
  protocolError: 1002,
  /** Stands for a CLOSE without a code; never on the wire. */
  noStatus: 1005,
  /** Stands for a connection that ended without a CLOSE; never on the wire. */
  abnormal: 1006,
  /** A payload that does not fit its type, such as text that is not UTF-8. */
  invalidPayload: 1007,
  /** The peer broke a rule of this service. */
  policyViolation: 1008,
  /** A message over the limit. */
  tooBig: 1009,
  /** The server failed. */
  internalError: 1011,
  /** The server has no place for this peer now (the IANA registry). */
  tryAgainLater: 1013,
} as const;

/** Bytes that a close reason may have: 125 of a control frame less 2 of the code. */
export const MAX_REASON_BYTES = 123;

/**
 * Whether a code may stand in a CLOSE frame (RFC 6455 §7.4.1, §7.4.2 and the
 * IANA registry: 1012 to 1014 were added there).
 *
 * @param code a status code, as two bytes can hold it
 * @returns false for reserved, unassigned and out-of-range codes
 */
export function isCloseCodeAllowed(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 &&
    code !== 1006) ||
    (code >= 3000 && code <= 4999);
}

const encoder = new TextEncoder();

/**
 * Builds the payload of a CLOSE frame.
 *
 * @param code the status code, or nothing for an empty payload
 * @param reason text for the peer's log
 * @returns at most 125 bytes
 * @throws {InvalidPayloadError} a code that may not be sent, a reason without a
 * code, or a reason over {@linkcode MAX_REASON_BYTES}
 */
export function encodeClose(
  code?: number,
  reason = "",
): Uint8Array<ArrayBuffer> {
  if (code === undefined) {
    if (reason !== "") {
      throw new InvalidPayloadError("a close reason needs a close code");
    }
    return new Uint8Array(0);
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
 * Reads the payload of a CLOSE frame that a handler made by hand.
 *
 * @param payload empty, or a code and a reason
 * @returns the code, `undefined` where there is none, and the reason
 * @throws {InvalidPayloadError} one byte, a code that may not be sent, or a
 * reason that is not UTF-8
 */
export function decodeClose(
  payload: Uint8Array,
): { code: number | undefined; reason: string } {
  if (payload.length === 0) return { code: undefined, reason: "" };
  if (payload.length === 1) {
    throw new InvalidPayloadError("a CLOSE payload of one byte is no code");
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
