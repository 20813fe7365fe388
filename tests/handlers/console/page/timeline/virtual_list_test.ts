import { assert, assertEquals } from "@std/assert";
import {
  scrollTo,
  visibleRows,
} from "../../../../../handlers/console/page/timeline/virtual_list.js";

const VIEW = { height: 100, row: 20 };

for (
  const [top, count, rows] of [
    [0, 0, [0, 0]],
    [0, 3, [0, 3]],
    [0, 1000, [0, 11]],
    [200, 1000, [4, 21]],
    [205, 1000, [4, 22]],
    [19_900, 1000, [989, 1000]],
    [50_000, 1000, [1000, 1000]],
    [-40, 1000, [0, 9]],
  ] as const
) {
  Deno.test(`visibleRows() of ${count} rows, scrolled by ${top}`, () => {
    assertEquals(visibleRows({ ...VIEW, top, count }), [...rows]);
  });
}

Deno.test("visibleRows() includes every visible row", () => {
  for (let top = 0; top < 2000; top += 7) {
    const [start, end] = visibleRows({ ...VIEW, top, count: 500 });
    assert(start * VIEW.row <= top && end * VIEW.row >= top + VIEW.height);
    assert(end - start < 20);
  }
});

for (
  const [index, top, result] of [
    [5, 0, 20],
    [4, 0, 0],
    [0, 300, 0],
    [16, 300, 300],
    [20, 300, 320],
  ] as const
) {
  Deno.test(`scrollTo(${index}) from ${top} is ${result}`, () => {
    assertEquals(scrollTo(index, { ...VIEW, top }), result);
  });
}
