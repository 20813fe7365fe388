/**
 * Masking
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-5.3 | RFC 6455 §5.3}).
 *
 * @module
 */

import { ARENA, type Memory } from "./memory.ts";
import { unmask as unmaskInArena } from "./unmask.wasm";

/** The highest bit of each byte of a word: set where a byte is not ASCII. */
const NOT_ASCII = 0x80808080 | 0;

/** Bytes of a payload from which on unmasking by words is faster. */
const WORDS_FROM = 16;

/**
 * Unmasks a payload, and moves it to a lower or the same address in one pass: in the
 * arena with SIMD, elsewhere with {@linkcode unmaskPlain}.
 *
 * @param memory holds the payload
 * @param source the payload's first byte
 * @param target the first byte's new address, at most `source`
 * @param length bytes
 * @param key the masking key, its first byte in the lowest bits
 * @returns whether every byte is ASCII after unmasking
 */
export function unmask(
  memory: Memory,
  source: number,
  target: number,
  length: number,
  key: number,
): boolean {
  return memory === ARENA
    ? unmaskInArena(source, target, length, key) === 0
    : unmaskPlain(memory, source, target, length, key);
}

/**
 * Does the same as {@linkcode unmask}, in any memory.
 *
 * @param memory holds the payload
 * @param source the payload's first byte
 * @param target the first byte's new address, at most `source`
 * @param length bytes
 * @param key the masking key, its first byte in the lowest bits
 * @returns whether every byte is ASCII after unmasking
 */
export function unmaskPlain(
  memory: Memory,
  source: number,
  target: number,
  length: number,
  key: number,
): boolean {
  const { bytes } = memory;
  const end = source + length;
  let seen = 0;
  if (length >= WORDS_FROM && ((source - target) & 3) === 0) {
    while ((source & 3) !== 0) {
      const byte = bytes[source++]! ^ (key & 0xff);
      bytes[target++] = byte;
      seen |= byte;
      key = (key >>> 8) | (key << 24);
    }
    const { words } = memory;
    const stop = end >> 2;
    let from = source >> 2;
    let to = target >> 2;
    let seenWords = 0;
    while (from < stop) {
      const word = words[from++]! ^ key;
      words[to++] = word;
      seenWords |= word;
    }
    if ((seenWords & NOT_ASCII) !== 0) seen |= 0x80;
    source = from << 2;
    target = to << 2;
  }
  while (source < end) {
    const byte = bytes[source++]! ^ (key & 0xff);
    bytes[target++] = byte;
    seen |= byte;
    key = (key >>> 8) | (key << 24);
  }
  return seen < 0x80;
}

/**
 * The masking key for the rest of a payload.
 *
 * @param key the masking key, its first byte in the lowest bits
 * @param count bytes of the payload that are unmasked
 */
export function rotateKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}
