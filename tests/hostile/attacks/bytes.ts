/**
 * The bytes that attackers send.
 *
 * @module
 */

import { constants, deflateRawSync } from "node:zlib";
import { encodeFrame, type FrameOptions } from "../../../lib/client/frame.ts";
import type { Fields } from "../../integration/support/wire.ts";

/** Bytes of one write of a flood, at least. */
export const FLOOD = 64 * 1024;

/** The zero mask, which takes an attacker no time. */
export const MASKED = { mask: new Uint8Array(4) };

/** The zero mask on a frame without FIN. */
export const OPEN = { final: false, ...MASKED };

/** Fields of a handshake that offers permessage-deflate. */
export const DEFLATE: Fields = {
  "Sec-WebSocket-Extensions": "permessage-deflate",
};

/** RSV1: the message is compressed (RFC 7692 §6). */
const COMPRESSED = 4;

/** Bytes at the end of a sync flush, which RFC 7692 §7.2.1 omits. */
const FLUSH_END = 4;

const encoder = new TextEncoder();

/**
 * The UTF-8 of a text.
 *
 * @param text the text
 */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Concatenates bytes.
 *
 * @param parts in order
 */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Repeats bytes to the size of a flood's write.
 *
 * @param bytes a frame, or a request
 */
export function repeated(bytes: Uint8Array): Uint8Array {
  const count = Math.ceil(FLOOD / bytes.length);
  return joined(...Array.from({ length: count }, () => bytes));
}

/**
 * Random bytes, which deflate cannot compress.
 *
 * @param length number of bytes
 */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  const block = crypto.getRandomValues(new Uint8Array(65536));
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length) {
    bytes.set(block.subarray(0, length - at), at);
  }
  return bytes;
}

/**
 * Compresses a message with an empty window (RFC 7692 §7.2.1).
 *
 * @param bytes the message
 */
export function deflated(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const compressed = deflateRawSync(bytes, {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return new Uint8Array(compressed.subarray(0, -FLUSH_END));
}

/**
 * A frame of a compressed message.
 *
 * @param opcode of the message
 * @param bytes the message
 * @param options of the frame
 */
export function compressedFrame(
  opcode: "text" | "binary",
  bytes: Uint8Array,
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  return encodeFrame(opcode, deflated(bytes), {
    rsv: COMPRESSED,
    ...MASKED,
    ...options,
  });
}

/**
 * Creates a value on first use.
 *
 * @param make creates the value
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The default of MAX_PAYLOAD in bytes. */
export const LARGEST = 16 * 2 ** 20;

/** Inflated bytes of a bomb, a little below MAX_PAYLOAD. */
const INFLATED = LARGEST - 1024;

/** A text of 16 MiB in a frame of 16 KiB. */
export const bomb = lazy(() =>
  compressedFrame("text", new Uint8Array(INFLATED))
);

/** A bomb of characters with two bytes. */
export const utf8Bomb = lazy(() =>
  compressedFrame("text", bytesOf("\u00e9".repeat(INFLATED / 2)))
);

/** A bomb with one wide character, so that its string in V8 has 32 MiB. */
export const wideBomb = lazy(() =>
  compressedFrame("text", bytesOf("\u20ac".padStart(INFLATED - 2)))
);
