/**
 * Values of properties that several tests use.
 *
 * @module
 */

import fc from "fast-check";
import { type Bytes, concat, toBytes } from "../conformance/wire.ts";

/** Lengths at the limits of the three forms of the length field. */
export const BOUNDARIES = [
  0,
  1,
  124,
  125,
  126,
  127,
  65534,
  65535,
  65536,
  65537,
];

/** A masking key. */
export const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

/** A payload, mostly a short one. */
export const payload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 120, max: 700 })
      .map((length) => Uint8Array.from({ length }, (_, i) => i * 7)),
  },
);

/** UTF-8, mostly a short one. */
export const utf8 = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
      fc.integer({ min: 20, max: 80 }),
    ).map(([unit, times]) => unit.repeat(times)),
  },
).map(toBytes);

/** Sizes of the chunks, repeated. */
export const sizes = fc.oneof(
  fc.constant([1]),
  fc.constant([Infinity]),
  fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
);

/** A change of some bytes. */
export const mutation = fc.record({
  kind: fc.constantFrom("flip", "set", "insert", "delete", "cut", "repeat"),
  at: fc.nat(),
  count: fc.integer({ min: 1, max: 8 }),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff)),
});

/**
 * Changes bytes.
 *
 * @param bytes the original
 * @param by the change
 */
export function mutate(
  bytes: Bytes,
  by: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
): Bytes {
  if (bytes.length === 0) return bytes;
  const at = by.at % bytes.length;
  const head = bytes.slice(0, at);
  const tail = bytes.slice(at);
  switch (by.kind) {
    case "flip":
      tail[0]! ^= 1 << (by.value & 7);
      return concat(head, tail);
    case "set":
      tail[0] = by.value;
      return concat(head, tail);
    case "insert":
      return concat(head, new Uint8Array(by.count).fill(by.value), tail);
    case "delete":
      return concat(head, tail.subarray(by.count));
    case "cut":
      return head;
    default:
      return concat(head, tail.subarray(0, by.count), tail);
  }
}
