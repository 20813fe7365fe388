/**
 * Frames as a client writes them (RFC 6455 §5.2), masked, or as none should:
 * every rule can be broken by an option.
 *
 * @module
 */

import {
  FIN,
  headerSize,
  MAX_HEADER,
  writeHeader,
} from "../frame/codec/header.ts";
import { OPCODE_NUMBER } from "../websocket.ts";

/** A payload; a string stands for its UTF-8. */
export type Payload = string | Uint8Array<ArrayBuffer>;

/** What a frame may be made of, rules or none. */
export interface FrameOptions {
  /**
   * The FIN bit.
   * @default true
   */
  readonly final?: boolean;
  /**
   * RSV1 to RSV3 as a number from 0 to 7, RSV1 being 4.
   * @default 0
   */
  readonly rsv?: number;
  /**
   * The masking key, four bytes, or `"none"` for a frame without MASK.
   * @default a random one
   */
  readonly mask?: Uint8Array | "none";
  /**
   * Bits of the length field.
   * @default the shortest form
   */
  readonly lengthBits?: 7 | 16 | 64;
  /**
   * The length to claim, in bytes.
   * @default the payload's
   */
  readonly length?: number | bigint;
}

/** The MASK bit of a header's second byte. */
const MASK = 0x80;

const encoder = new TextEncoder();

/**
 * The bytes of a payload.
 *
 * @param payload bytes, or a text
 */
export function payloadBytes(payload: Payload): Uint8Array<ArrayBuffer> {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}

/**
 * Encodes a client's frame.
 *
 * @param opcode its name, or any number from 0 to 15
 * @param payload what it carries; not changed
 * @param options what differs from a correct frame that is whole
 * @returns the frame, in memory of its own
 */
export function encodeFrame(
  opcode: keyof typeof OPCODE_NUMBER | number,
  payload: Payload = "",
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const { final = true, rsv = 0, mask = maskingKey() } = options;
  const code = typeof opcode === "number" ? opcode : OPCODE_NUMBER[opcode];
  const first = (final ? FIN : 0) | (rsv << 4) | code;
  const bytes = payloadBytes(payload);
  const lies = options.length !== undefined || options.lengthBits !== undefined;
  const size = lies ? MAX_HEADER : headerSize(bytes.length) + 4;
  const frame = new Uint8Array(size + bytes.length);
  const lengthEnd = lies
    ? writeClaim(frame, first, options.length ?? bytes.length, options)
    : writeHeader(frame, 0, first, bytes.length);
  if (mask === "none") {
    frame.set(bytes, lengthEnd);
    return frame.subarray(0, lengthEnd + bytes.length);
  }
  frame[1]! |= MASK;
  frame.set(mask, lengthEnd);
  const start = lengthEnd + 4;
  for (let i = 0; i < bytes.length; i++) {
    frame[start + i] = bytes[i]! ^ mask[i & 3]!;
  }
  return frame.subarray(0, start + bytes.length);
}

/** Writes a header whose length field need not be right; returns its end. */
function writeClaim(
  frame: Uint8Array<ArrayBuffer>,
  first: number,
  length: number | bigint,
  { lengthBits }: FrameOptions,
): number {
  const claimed = BigInt(length);
  const bits = lengthBits ?? (claimed < 126n ? 7 : claimed < 65536n ? 16 : 64);
  const view = new DataView(frame.buffer);
  view.setUint8(0, first);
  if (bits === 7) {
    view.setUint8(1, Number(claimed & 0x7fn));
    return 2;
  }
  if (bits === 16) {
    view.setUint8(1, 126);
    view.setUint16(2, Number(claimed & 0xffffn));
    return 4;
  }
  view.setUint8(1, 127);
  view.setBigUint64(2, claimed);
  return 10;
}

/**
 * The payload of a CLOSE frame (RFC 6455 §5.5.1), its code allowed or not.
 *
 * @param code any number of 16 bits, or nothing for an empty payload
 * @param reason a text, or bytes that are none
 */
export function closePayload(
  code?: number,
  reason: Payload = "",
): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array(0);
  const text = payloadBytes(reason);
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}

/** Random bytes that are fetched at once, as asking for four costs as much. */
const random = new Uint8Array(4096);
let used = random.length;

/**
 * A new masking key that the peer cannot guess (RFC 6455 §5.3).
 *
 * @returns four bytes; valid until some later call
 */
export function maskingKey(): Uint8Array {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  used += 4;
  return random.subarray(used - 4, used);
}
