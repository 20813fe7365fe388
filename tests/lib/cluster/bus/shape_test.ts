import { assertEquals } from "@std/assert";
import {
  amount,
  count,
  flag,
  listOf,
  object,
  oneOf,
  text,
} from "../../../../lib/cluster/bus/shape.ts";

const point = object({ x: count, y: count });

for (
  const [what, read, value, expected] of [
    ["object()", point, { x: 1, y: 2, z: 3 }, { x: 1, y: 2 }],
    ["object()", point, { x: 1 }, undefined],
    ["object()", point, { x: 1, y: null }, undefined],
    ["object()", point, null, undefined],
    ["object()", point, "x", undefined],
    ["object()", object({ toString: text }), {}, undefined],
    ["listOf()", listOf(count), [], []],
    ["listOf()", listOf(count), [1, 2], [1, 2]],
    ["listOf()", listOf(count), [1, "2"], undefined],
    ["listOf()", listOf(count), { length: 1 }, undefined],
    ["oneOf()", oneOf("a", "b"), "b", "b"],
    ["oneOf()", oneOf("a", "b"), "c", undefined],
    ["text()", text, "", ""],
    ["text()", text, "a".repeat(1024), "a".repeat(1024)],
    ["text()", text, "a".repeat(1025), undefined],
    ["text()", text, 1, undefined],
    ["flag()", flag, false, false],
    ["flag()", flag, 0, undefined],
    ["count()", count, 0, 0],
    ["count()", count, -1, undefined],
    ["count()", count, 0.5, undefined],
    ["count()", count, "1", undefined],
    ["amount()", amount, 0.5, 0.5],
    ["amount()", amount, -0.5, undefined],
    ["amount()", amount, NaN, undefined],
    ["amount()", amount, null, undefined],
  ] as const
) {
  const shown = JSON.stringify(value).slice(0, 40);
  Deno.test(`${what} reads ${shown} as ${JSON.stringify(expected)?.slice(0, 40)}`, () => {
    assertEquals(read(value) as unknown, expected);
  });
}
