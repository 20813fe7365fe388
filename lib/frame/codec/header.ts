/**
 * The frame header
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}), as a server
 * writes it: unmasked.
 *
 * @module
 */

/** Bytes of the longest header: 2, 8 of length, 4 of masking key. */
export const MAX_HEADER = 14;

/** The FIN bit of a header's first byte. */
export const FIN = 0x80;

/** The RSV1 bit of a header's first byte: the message is compressed (RFC 7692 §6). */
export const RSV1 = 0x40;

/** The lowest opcode of a control frame (RFC 6455 §5.5). */
export const CONTROL = 0x8;

/** Bytes of a control frame's payload at most (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125;

/**
 * Bytes of the header in front of a payload.
 *
 * @param length bytes of the payload
 */
export function headerSize(length: number): number {
  return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

/**
 * Writes a header with the shortest form of the length.
 *
 * @param bytes gets the header
 * @param at the header's first byte
 * @param first FIN, RSV bits and opcode
 * @param length bytes of the payload
 * @returns the payload's first byte
 */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  first: number,
  length: number,
): number {
  bytes[at] = first;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65536) {
    bytes[at + 1] = 126;
    bytes[at + 2] = length >> 8;
    bytes[at + 3] = length;
    return at + 4;
  }
  return writeLongLength(bytes, at, length);
}

/** Writes a length of 64 bits; a function of its own, so that V8 inlines its caller. */
function writeLongLength(
  bytes: Uint8Array,
  at: number,
  length: number,
): number {
  bytes[at + 1] = 127;
  const high = Math.floor(length / 2 ** 32);
  for (let i = 0; i < 4; i++) {
    bytes[at + 2 + i] = high >>> (24 - 8 * i);
    bytes[at + 6 + i] = length >>> (24 - 8 * i);
  }
  return at + 10;
}
