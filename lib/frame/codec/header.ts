/**
 * Frame headers (RFC 6455 §5.2) as a server writes them: unmasked.
 *
 * @module
 */

/** Bytes of the longest header of a masked frame: 2, 8 of length, 4 of key. */
export const MAX_HEADER = 14;

/** The FIN bit of a header's first byte. */
export const FIN = 0x80;

/** The RSV1 bit of it; on the first frame of a message: it is compressed (RFC 7692 §6). */
export const RSV1 = 0x40;

/** Opcodes from here on are of control frames (RFC 6455 §5.5). */
export const CONTROL = 0x8;

/** Bytes that a control frame's payload may have (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125;

/**
 * Bytes of the header in front of a payload.
 *
 * @param length the payload's, in bytes
 */
export function headerSize(length: number): number {
  return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

/**
 * Writes a header, with the length in its shortest form.
 *
 * @param bytes where to
 * @param at the header's first byte
 * @param first FIN, RSV bits and opcode
 * @param length the payload's, in bytes
 * @returns where the payload begins
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
  bytes[at + 1] = 127;
  const high = Math.floor(length / 2 ** 32);
  for (let i = 0; i < 4; i++) {
    bytes[at + 2 + i] = high >>> (24 - 8 * i);
    bytes[at + 6 + i] = length >>> (24 - 8 * i);
  }
  return at + 10;
}
