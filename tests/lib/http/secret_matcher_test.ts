import { assert, assertFalse } from "@std/assert";
import { secretMatcher } from "../../../lib/http/secret_matcher.ts";

for (const secret of ["valid", "", "x", "y".repeat(10_000), "größer 漢字"]) {
  Deno.test(`secretMatcher() accepts a secret of ${secret.length} characters, repeatedly`, () => {
    const isSecret = secretMatcher(secret);
    assert(isSecret(secret));
    assert(isSecret(secret));
  });
}

for (
  const [secret, candidate] of [
    ["valid", ""],
    ["valid", "vali"],
    ["valid", "valid "],
    ["valid", "validvalid"],
    ["valid", "VALID"],
    ["valid", "wrong"],
    ["valid", "valid\0"],
    ["", " "],
    ["a\u0308", "\u00e4"],
  ] as const
) {
  Deno.test(`secretMatcher() refuses ${JSON.stringify(candidate)} for ${JSON.stringify(secret)}`, () => {
    assertFalse(secretMatcher(secret)(candidate));
  });
}

Deno.test("secretMatcher() accepts its own secret only", () => {
  const [isA, isB] = [secretMatcher("a"), secretMatcher("b")];
  assert(isA("a"));
  assertFalse(isA("b"));
  assert(isB("b"));
  assertFalse(isB("a"));
});
