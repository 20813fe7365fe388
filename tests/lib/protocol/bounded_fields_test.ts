import { assertEquals } from "@std/assert";
import { boundedFields } from "../../../lib/protocol/bounded_fields.ts";

for (
  const [value, expected] of [
    [undefined, null],
    ["a", "a"],
    ["a".repeat(1024), "a".repeat(1024)],
    ["a".repeat(1025), null],
  ] as const
) {
  const length = value?.length ?? "no";
  Deno.test(`boundedFields() returns a field of up to 1024 characters: ${length}`, () => {
    const headers = new Headers(value === undefined ? {} : { accept: value });
    assertEquals(boundedFields({ headers }).headers.get("accept"), expected);
  });
}
