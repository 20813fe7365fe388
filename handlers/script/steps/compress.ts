/**
 * Compressed payloads of messages (RFC 7692 §7.2.1).
 *
 * @module
 */

import { constants, deflateRawSync } from "node:zlib";

/** Bytes of the empty block at the end of flushed data, which a message leaves out. */
const TAIL = 4;

/** Base-2 logarithm of the largest window. */
const MAX_BITS = 15;

/**
 * Compresses the payload of a message; the window is empty before and after it.
 *
 * @param payload not changed
 * @param windowBits base-2 logarithm of the window, 9 to 15
 */
export function compress(
  payload: Uint8Array,
  windowBits: number = MAX_BITS,
): Uint8Array<ArrayBuffer> {
  const data = flushed(payload, windowBits);
  return data.subarray(0, data.length - TAIL);
}

/**
 * Makes a message of zeros that is a thousandth of its inflated size.
 *
 * @param mebibytes inflated size in MiB
 * @param windowBits base-2 logarithm of the window, 9 to 15
 */
export function bomb(
  mebibytes: number,
  windowBits: number = MAX_BITS,
): Uint8Array<ArrayBuffer> {
  // Each flush ends at a byte, and zeros refer only to zeros of their own block.
  const block = flushed(new Uint8Array(2 ** 20), windowBits);
  const data = new Uint8Array(mebibytes * block.length);
  for (let i = 0; i < mebibytes; i++) data.set(block, i * block.length);
  return data.subarray(0, data.length - TAIL);
}

function flushed(
  payload: Uint8Array,
  windowBits: number,
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(deflateRawSync(payload, {
    finishFlush: constants.Z_SYNC_FLUSH,
    windowBits,
  }));
}
