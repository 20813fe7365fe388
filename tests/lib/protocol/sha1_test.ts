import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { sha1 } from "../../../lib/protocol/sha1.ts";

function hex(words: Int32Array): string {
  return Array.from(
    words,
    (word) => (word >>> 0).toString(16).padStart(8, "0"),
  ).join("");
}

Deno.test("sha1() returns the hash of the example in FIPS 180", () =>
  assertEquals(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d"));

Deno.test("sha1() agrees with node:crypto on texts of up to three blocks", () => {
  for (let length = 0; length <= 192; length++) {
    const text = Array.from(
      { length },
      (_, i) => String.fromCharCode((i * 37 + length * 11) & 0xff),
    ).join("");
    const expected = createHash("sha1").update(text, "latin1").digest("hex");
    assertEquals(hex(sha1(text)), expected, `${length} bytes`);
  }
});
