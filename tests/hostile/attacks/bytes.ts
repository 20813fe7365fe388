/**
 * What attackers send, made once.
 *
 * @module
 */

import { constants, deflateRawSync } from "node:zlib";
import { encodeFrame, type FrameOptions } from "../../../lib/client/frame.ts";
import type { Fields } from "../../integration/support/wire.ts";

/** Bytes that one write of a flood has, about. */
export const FLOOD = 64 * 1024;

/** The zero mask, which costs an attacker nothing. */
export const MASKED = { mask: new Uint8Array(4) };

/** The same of a frame that is not the last of its message. */
export const OPEN = { final: false, ...MASKED };

/** Fields of a handshake that offers permessage-deflate. */
export const DEFLATE: Fields = {
  "Sec-WebSocket-Extensions": "permessage-deflate",
};

/** RSV1: the message is compressed (RFC 7692 §6). */
const COMPRESSED = 4;

/** The end of a sync flush, which RFC 7692 §7.2.1 leaves out. */
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
 * Puts bytes together.
 *
 * @param parts the bytes, in order
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
 * The same bytes as often as a write of a flood holds them.
 *
 * @param bytes a frame, or a request
 */
export function repeated(bytes: Uint8Array): Uint8Array {
  const count = Math.ceil(FLOOD / bytes.length);
  return joined(...Array.from({ length: count }, () => bytes));
}

/**
 * Bytes that no window of deflate finds twice.
 *
 * @param length how many
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
 * Compresses a message (RFC 7692 §7.2.1); it needs no window before it.
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
 * @param opcode its name
 * @param bytes the message
 * @param options what differs from a message in one frame
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
 * Makes a value when it is needed first.
 *
 * @param make makes it
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Bytes of the largest message that the service takes by default. */
export const LARGEST = 16 * 2 ** 20;

/** Bytes of a bomb: with what the service adds to it, it is within every limit. */
const INFLATED = LARGEST - 1024;

/** 16 MiB of text in a frame of 16 KiB. */
export const bomb = lazy(() =>
  compressedFrame("text", new Uint8Array(INFLATED))
);

/** The same, of characters that have two bytes. */
export const utf8Bomb = lazy(() =>
  compressedFrame("text", bytesOf("\u00e9".repeat(INFLATED / 2)))
);

/** The same, of which V8 makes a string of 32 MiB, as one character is wide. */
export const wideBomb = lazy(() =>
  compressedFrame("text", bytesOf("\u20ac".padStart(INFLATED - 2)))
);
