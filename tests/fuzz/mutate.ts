/**
 * Mutation of inputs, and the reduction of failing ones.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** Bytes of an input, at most. */
const MAX_LENGTH = 2048;

/** Bytes with a meaning in some parser. */
const SPECIAL = [
  0x00,
  0x01,
  0x09,
  0x0a,
  0x0d,
  0x20,
  0x22,
  0x25,
  0x26,
  0x2c,
  0x3a,
  0x3b,
  0x3d,
  0x5c,
  0x7e,
  0x7f,
  0x80,
  0x81,
  0x82,
  0x88,
  0x89,
  0xbf,
  0xc0,
  0xed,
  0xf4,
  0xfe,
  0xff,
];

type Mutation = (
  bytes: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    return bytes.with(at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
  },
  function setByte(bytes, random) {
    return bytes.with(random.below(bytes.length), random.of(SPECIAL));
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    return joined(
      bytes.subarray(0, at),
      [random.of(SPECIAL)],
      bytes.subarray(at),
    );
  },
  function remove(bytes, random) {
    const [start, end] = range(bytes, random);
    return joined(bytes.subarray(0, start), bytes.subarray(end));
  },
  function repeat(bytes, random) {
    const [start, end] = range(bytes, random);
    const times = Array.from(
      { length: 1 + random.below(8) },
      () => bytes.subarray(start, end),
    );
    return joined(bytes.subarray(0, end), ...times, bytes.subarray(end));
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function splice(bytes, random, others) {
    const other = random.of(others);
    const at = random.below(bytes.length + 1);
    const from = random.below(other.length + 1);
    return joined(bytes.subarray(0, at), other.subarray(from));
  },
  function append(bytes, random, others) {
    return joined(bytes, random.of(others));
  },
];

function range(bytes: Uint8Array, random: Random): [number, number] {
  const start = random.below(bytes.length + 1);
  return [start, start + random.below(bytes.length - start + 1)];
}

function joined(...runs: readonly ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(runs.reduce((sum, run) => sum + run.length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}

/**
 * Changes an input in one to four places.
 *
 * @param bytes an input
 * @param random chooses the mutations
 * @param others inputs to take parts from
 */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
): Uint8Array {
  let result = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    if (result.length === 0) result = random.of(others);
    if (result.length > 0) {
      result = random.of(MUTATIONS)(result, random, others);
    }
  }
  return result.slice(0, MAX_LENGTH);
}

/**
 * Reduces a failing input: removes halves, quarters … single bytes while it fails.
 *
 * @param bytes a failing input
 * @param fails whether an input fails
 */
export function minimised(
  bytes: Uint8Array,
  fails: (bytes: Uint8Array) => boolean,
): Uint8Array {
  let best = bytes;
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= best.length;) {
      const shorter = joined(best.subarray(0, at), best.subarray(at + size));
      if (fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
