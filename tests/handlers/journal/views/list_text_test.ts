import { assertEquals } from "@std/assert";
import { listText } from "../../../../handlers/journal/views/list_text.ts";

const LISTS: readonly (readonly (object | string | number | null)[])[] = [
  [],
  [1],
  [{ a: [] }, "x\ny", null],
];

for (const list of LISTS) {
  Deno.test(`listText() writes ${JSON.stringify(list)} as JSON.stringify() does`, () => {
    const outer = { name: "a", inner: { other: [], list: [] } };
    const whole = { name: "a", inner: { other: [], list } };
    assertEquals(
      [...listText(outer, list, (value) => value)].join(""),
      `${JSON.stringify(whole, undefined, 2)}\n`,
    );
  });
}
