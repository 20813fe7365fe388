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

/** One compressed MiB of zeros, by window. */
const ZEROS: Uint8Array<ArrayBuffer>[] = [];

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
  const block = ZEROS[windowBits] ??= flushed(
    new Uint8Array(2 ** 20),
    windowBits,
  );
  const data = new Uint8Array(mebibytes * block.length);
  for (let i = 0; i < mebibytes; i++) data.set(block, i * block.length);
  return data.subarray(0, data.length - TAIL);
}

/** Letters that a back-reference repeats. */
const REPEATED = 100;

/**
 * Compresses a text of letters, and after them the first 100 again as a reference.
 *
 * @param distance bytes between the letters and their repetition, up to 2^15
 */
export function backReference(distance: number): Uint8Array<ArrayBuffer> {
  const letters = new Uint8Array(distance + REPEATED);
  // A sequence without long repetitions of its own, the same in each process.
  let state = 1;
  for (let i = 0; i < distance; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    letters[i] = 0x41 + (state >> 16) % 26;
  }
  letters.copyWithin(distance, 0, REPEATED);
  return compress(letters);
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
