import { assertEquals } from "@std/assert";
import {
  jsonText,
  LongList,
} from "../../../../handlers/journal/views/json_text.ts";

const LISTS: readonly (readonly object[])[] = [
  [],
  [{ a: 1 }],
  [{ a: [], b: {}, c: undefined }, { text: "x\ny", "a\n": null }, [1, [2]]],
];

for (const list of LISTS) {
  Deno.test(`jsonText() writes ${JSON.stringify(list)} as JSON.stringify() does`, () => {
    const outer = (items: object) => ({
      name: "a\n",
      missing: undefined,
      inner: { other: [{}], items, after: 1 },
    });
    assertEquals(
      [...jsonText(outer(new LongList(list)))].join(""),
      `${JSON.stringify(outer(list), undefined, 2)}\n`,
    );
  });
}

Deno.test("jsonText() writes lists in the items of a list", () => {
  const inner = [{ n: 1 }, { n: 2 }];
  const value = new LongList([{ inner: new LongList(inner) }, { inner: [] }]);
  assertEquals(
    [...jsonText({ value })].join(""),
    `${JSON.stringify({ value: [{ inner }, { inner: [] }] }, undefined, 2)}\n`,
  );
});

Deno.test("jsonText() makes an item when its piece is taken", () => {
  let made = 0;
  const items = [1, 2, 3].values().map((n) => ({ n: made = n }));
  for (const piece of jsonText({ items: new LongList(items) })) {
    if (piece.includes("1")) break;
  }
  assertEquals(made, 1);
});
